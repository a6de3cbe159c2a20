using OneComp.Calibration;
using OneComp.Models;
using OneComp.Runtime;
using OneComp.Tests.Models;
using static TorchSharp.torch;

namespace OneComp.Tests.Calibration;

/// <summary>Curvature against finite differences of the loss, on a model with biases and grouped key heads.</summary>
public class SensitivityGradientTests
{
    private const int Tokens = 5;
    private const float Step = 0.02f;

    [Theory]
    [InlineData("model.layers.0.self_attn.q_proj")]
    [InlineData("model.layers.0.self_attn.v_proj")]
    [InlineData("model.layers.0.mlp.gate_proj")]
    [InlineData("model.layers.1.mlp.down_proj")]
    public void Curvature_is_the_mean_square_of_the_losses_slope_at_the_output(string name)
    {
        using var model = CausalModel.Open(ModelFolders.Architecture("qwen2"));
        int[] ids = [3, 141, 59, 265, 358];
        float[] curvature = [];
        new SensitivityPass(model, new TokenWindows(ids, Tokens), CPU, ScalarType.Float32).Run(
            (_, sensitivities) => curvature = sensitivities.TryGetValue(name, out var found) ? found.OutputCurvature.data<float>().ToArray() : curvature, null, default);
        var channel = Array.IndexOf(curvature, curvature.Max());

        var sum = 0.0;
        for (var position = 0; position < Tokens; position++)
        {
            var slope = (Loss(model, ids, name, position, channel, Step) - Loss(model, ids, name, position, channel, -Step)) / (2 * Step);
            sum += slope * slope;
        }

        Assert.InRange(sum / Tokens / curvature[channel], 0.97, 1.03);
    }

    /// <summary>Mean next-token loss with one value of one layer's output moved.</summary>
    private static double Loss(CausalModel model, int[] ids, string layer, int position, int channel, float step)
    {
        TorchRuntime.EnsureLoaded();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var embedding = model.LoadEmbedding(CPU, ScalarType.Float32);
        var hidden = embedding.Forward(tensor(Array.ConvertAll(ids, id => (long)id)).unsqueeze(0));
        for (var index = 0; index < model.Config.NumLayers; index++)
        {
            using var block = model.LoadBlock(index, CPU, ScalarType.Float32);
            hidden = block.Forward(hidden, (observed, _, output) =>
            {
                if (observed.Name == layer)
                {
                    output[0, position, channel].add_(step);
                }
            });
        }

        using var head = model.LoadHead(CPU, ScalarType.Float32);
        var logProbabilities = head.Forward(hidden)[0].to(ScalarType.Float64).log_softmax(-1);
        return -Enumerable.Range(0, ids.Length - 1).Average(i => logProbabilities[i, ids[i + 1]].item<double>());
    }
}
