using OneComp.Models;
using OneComp.Quantization;
using OneComp.Safetensors;

namespace OneComp.Export;

/// <summary>What becomes of one quantized layer in a safetensors checkpoint.</summary>
internal abstract class LayerTarget(LinearLayer layer)
{
    public LinearLayer Layer { get; } = layer;

    /// <summary>The tensors that take the place of the layer's own.</summary>
    public abstract IReadOnlyList<TensorSpec> Specs { get; }

    /// <summary>Writes the layer; <paramref name="weight"/> is borrowed.</summary>
    public abstract void Write(QuantizedWeight weight, Func<string, SafetensorsWriter> fileOf);
}
