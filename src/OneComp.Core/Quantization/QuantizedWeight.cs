using OneComp.Models;
using static TorchSharp.torch;

namespace OneComp.Quantization;

/// <summary>A quantized weight in the parts that are saved. Owns its tensors.</summary>
internal abstract class QuantizedWeight(LinearLayer layer) : IDisposable
{
    public LinearLayer Layer { get; } = layer;

    /// <summary>Ŵ, (d_out, d_in), float32: exactly what a reader of the saved parts gets. The caller owns it.</summary>
    public abstract Tensor Dequantize();

    public abstract void Dispose();
}
