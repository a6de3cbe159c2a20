using OneComp.Models;
using static TorchSharp.torch;

namespace OneComp.Quantization.Hessians;

/// <summary>The Hessians of one block: one for each stage, since a stage's layers read the same input. Owns them.</summary>
internal sealed class StageHessians : IDisposable
{
    private readonly Dictionary<BlockStage, (LayerHessian Hessian, string FirstLayer)> _byStage = [];

    /// <summary>Asks for the Hessian of the layer's stage; the first layer asked for is the one that is listened to.</summary>
    public void Prepare(LinearLayer layer, Device device, HessianType type)
    {
        if (layer.Stage is { } stage && !_byStage.ContainsKey(stage))
        {
            _byStage.Add(stage, (new LayerHessian(layer.InFeatures, device, type), layer.Name));
        }
    }

    /// <summary>Adds a layer's input, (..., d_in), which is borrowed.</summary>
    public void Add(LinearLayer layer, Tensor input)
    {
        if (layer.Stage is { } stage && _byStage.TryGetValue(stage, out var held) && held.FirstLayer == layer.Name)
        {
            held.Hessian.Add(input);
        }
    }

    /// <summary>The Hessian of the layer's input; null where none was asked for.</summary>
    public LayerHessian? Of(LinearLayer layer) =>
        layer.Stage is { } stage && _byStage.TryGetValue(stage, out var held) ? held.Hessian : null;

    public void Dispose()
    {
        foreach (var (hessian, _) in _byStage.Values)
        {
            hessian.Dispose();
        }
    }
}
