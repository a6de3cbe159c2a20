using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>
/// Columns whose weights hold the corrections of all columns before them: one block, or one group where that is larger. The
/// tensors are contiguous and belong to the dispose scope that is open when they are made.
/// </summary>
/// <param name="Start">First ordered column.</param>
/// <param name="Weights">The corrected weights, (d_out, n); later columns are corrected in place.</param>
/// <param name="Upper">U of these columns, (n, n).</param>
/// <param name="Differences">W - Ŵ, W without any correction, as <see cref="CarriedErrors.NewDifferences"/> lays it out; written.</param>
internal sealed record GptqSegment(int Start, Tensor Weights, Tensor Upper, Tensor Differences)
{
    /// <summary>Columns.</summary>
    public int Length => (int)Weights.shape[1];
}
