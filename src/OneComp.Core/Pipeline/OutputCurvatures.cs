using OneComp.Calibration;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Pipeline;

/// <summary>b of the layers whose quantizers weight outputs by it (DESIGN section 5): d_out numbers for each. Owns its tensors.</summary>
internal sealed class OutputCurvatures : IDisposable
{
    private readonly Dictionary<string, Tensor> _byLayer = [];

    private OutputCurvatures()
    {
    }

    /// <summary>One forward and one backward of the windows over the original model; nothing where no quantizer asks for it.</summary>
    /// <exception cref="NumericException">The loss is not finite.</exception>
    public static OutputCurvatures Of(CausalModel model, QuantizationPlan plan, TokenWindows windows, Device device, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var curvatures = new OutputCurvatures();
        var wanted = plan.Layers.Where(planned => planned.Quantizer.NeedsCurvature).Select(planned => planned.Layer.Name).ToHashSet();
        if (wanted.Count == 0)
        {
            return curvatures;
        }

        try
        {
            new SensitivityPass(model, windows, device, ComputeType.For(device, model.Config.TorchDType)).Run(
                (_, sensitivities) =>
                {
                    foreach (var (layer, sensitivity) in sensitivities.Where(pair => wanted.Contains(pair.Key)))
                    {
                        curvatures._byLayer.Add(layer, sensitivity.OutputCurvature.clone().DetachFromDisposeScope());
                    }
                },
                progress,
                token);
            return curvatures;
        }
        catch
        {
            curvatures.Dispose(); // cancelled: nobody else holds them
            throw;
        }
    }

    /// <summary>b of the layer, (d_out) float32; null where it was not asked for. Owned here.</summary>
    public Tensor? Of(LinearLayer layer) => _byLayer.GetValueOrDefault(layer.Name);

    public void Dispose()
    {
        foreach (var curvature in _byLayer.Values)
        {
            curvature.Dispose();
        }
    }
}
