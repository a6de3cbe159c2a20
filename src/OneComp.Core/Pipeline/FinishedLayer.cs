using OneComp.Quantization;
using static TorchSharp.torch;

namespace OneComp.Pipeline;

/// <summary>A layer of the block in hand that is quantized, but not yet saved. Owns both.</summary>
/// <param name="planned">The layer.</param>
/// <param name="quantized">Its quantized weight.</param>
/// <param name="wanted">What it was quantized from, (d_out, d_in), float32; null where nobody asks for it any more.</param>
internal sealed class FinishedLayer(PlannedLayer planned, QuantizedWeight quantized, Tensor? wanted) : IDisposable
{
    public PlannedLayer Planned => planned;

    public QuantizedWeight Quantized { get; private set; } = quantized;

    public Tensor? Wanted => wanted;

    /// <summary>Takes over a better weight.</summary>
    public void Replace(QuantizedWeight better)
    {
        Quantized.Dispose();
        Quantized = better;
    }

    public void Dispose()
    {
        Quantized.Dispose();
        wanted?.Dispose();
    }
}
