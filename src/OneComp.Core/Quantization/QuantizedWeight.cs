using OneComp.Models;
using static TorchSharp.torch;

namespace OneComp.Quantization;

/// <summary>A quantized weight in the parts that are saved. Owns its tensors.</summary>
internal abstract class QuantizedWeight(LinearLayer layer) : IDisposable
{
    public LinearLayer Layer { get; } = layer;

    /// <summary>Ŵ, (d_out, d_in), float32: exactly what a reader of the saved parts gets. The caller owns it.</summary>
    public abstract Tensor Dequantize();

    /// <summary>Takes the tensors out of any dispose scope: they live until <see cref="Dispose"/>.</summary>
    public abstract void Detach();

    public abstract void Dispose();
}
