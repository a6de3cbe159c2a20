using OneComp.Quantization.Hessians;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>Quantizes one block of columns, one column after the other.</summary>
internal interface IGptqBlockLoop
{
    /// <summary>What goes on from segment to segment of a layer, in the dispose scope that is open.</summary>
    CarriedErrors Carried(GptqState state, HessianFactor factor) => new(state, factor);

    /// <summary>
    /// Writes the codes and differences of columns <paramref name="start"/> to <paramref name="end"/>, which lie in the segment, and
    /// the scales and zeros of the groups that begin there, and corrects the block's later columns.
    /// </summary>
    /// <returns>
    /// (w - ŵ) / U_ii of each column, (d_out, end - start), in the caller's dispose scope, for the segment's later columns; may be null where there are none.
    /// </returns>
    Tensor? Run(GptqState state, GptqSegment segment, int start, int end);
}
