using OneComp.Evaluation;
using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Quantization.Rtn;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Evaluation;

public class DivergenceTests
{
    [Fact]
    public void It_is_the_mean_over_tokens_of_the_sum_of_p_log_p_over_q()
    {
        using var folder = new TemporaryFolder();
        QuantizationRun.Run(new QuantizationOptions { Model = Repository.TinyLlama, Quantizer = new RtnQuantizer { WBits = 3 }, Destination = folder.File("q"), Device = "cpu" });
        var result = DivergenceRun.Run(new DivergenceOptions
        {
            Model = folder.File("q"),
            Reference = Repository.TinyLlama,
            Path = Reference.TensorFile,
            TensorName = "eval_ids",
            MaxLength = 4,
            Device = "cpu",
        });

        var (sum, agreements, tokens) = (0.0, 0, 0);
        using var original = CausalModel.Open(Repository.TinyLlama);
        using var quantized = OneComp.Formats.ModelFolder.Open(folder.File("q"));
        using var ids = tensor(Reference.Ints("eval_ids"), dtype: ScalarType.Int64).reshape(64, -1);
        for (var window = 0; window < 64; window++)
        {
            using var scope = NewDisposeScope();
            var p = Probabilities(original, ids[window]);
            var q = Probabilities(quantized, ids[window]);
            sum += (p * (p.log() - q.log())).sum().item<double>();
            agreements += (int)p.argmax(1).eq(q.argmax(1)).sum().item<long>();
            tokens += 3;
        }

        Assert.Equal(tokens, result.Tokens);
        Assert.InRange(result.KLDivergence / (sum / tokens), 0.9999, 1.0001);
        Assert.Equal((double)agreements / tokens, result.Top1Agreement, 6);
    }

    /// <summary>(3, vocabulary) float64: next-token probabilities after the first, second and third id.</summary>
    private static Tensor Probabilities(CausalModel model, Tensor ids)
    {
        using var noGrad = no_grad();
        using var embedding = model.LoadEmbedding(CPU, ScalarType.Float32);
        var hidden = embedding.Forward(ids.narrow(0, 0, 4).to(ScalarType.Int64).unsqueeze(0));
        for (var index = 0; index < model.Config.NumLayers; index++)
        {
            using var block = model.LoadBlock(index, CPU, ScalarType.Float32);
            hidden = block.Forward(hidden);
        }

        using var head = model.LoadHead(CPU, ScalarType.Float32);
        return head.Forward(hidden)[0].narrow(0, 0, 3).to(ScalarType.Float64).softmax(-1);
    }
}
