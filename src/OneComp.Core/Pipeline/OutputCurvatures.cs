using System.Runtime.InteropServices;
using OneComp.Calibration;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Runtime;
using OneComp.Safetensors;
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
            new SensitivityPass(model, windows, device, ComputeType.For(device, model.Config.TorchDType), PassPurpose.Curvature).Run(
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

    /// <summary>Whether any layer's are held.</summary>
    public bool Any => _byLayer.Count > 0;

    /// <summary>Writes them, whole or not at all, and to the disk.</summary>
    public void Write(string path)
    {
        var layers = _byLayer.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        using var writer = SafetensorsWriter.Create(path, [.. layers.Select(pair => new TensorSpec(pair.Key, DType.F32, pair.Value.shape))]);
        foreach (var (layer, curvature) in layers)
        {
            using var scope = NewDisposeScope();
            writer.Write(layer, MemoryMarshal.AsBytes<float>(curvature.cpu().data<float>().ToArray()));
        }

        writer.Commit();
    }

    /// <summary>Reads those of the layers of a plan that need them.</summary>
    /// <exception cref="SafetensorsException">The file breaks a rule of its format, or lacks a layer.</exception>
    /// <exception cref="InvalidDataException">A layer has another shape; the message ends without a full stop.</exception>
    public static OutputCurvatures Read(string path, QuantizationPlan plan, Device device)
    {
        using var file = SafetensorsFile.Open(path);
        var curvatures = new OutputCurvatures();
        try
        {
            foreach (var layer in plan.Layers.Where(planned => planned.Quantizer.NeedsCurvature).Select(planned => planned.Layer))
            {
                var values = file.ReadSingle(file.Require(layer.Name));
                if (values.Length != layer.OutFeatures || !values.All(float.IsFinite))
                {
                    throw new InvalidDataException($"'{path}' has no {layer.OutFeatures} finite curvatures for {layer.Name}");
                }

                curvatures._byLayer.Add(layer.Name, tensor(values, device: device).DetachFromDisposeScope());
            }

            return curvatures;
        }
        catch
        {
            curvatures.Dispose();
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
