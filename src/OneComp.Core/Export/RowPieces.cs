using OneComp.Quantization;
using OneComp.Quantization.Grids;
using static TorchSharp.torch;

namespace OneComp.Export;

/// <summary>A quantized weight's values a few rows at a time: the whole in float32 takes four times its codes, and more in between.</summary>
internal static class RowPieces
{
    private const int ValuesAtOnce = 1 << 21;

    /// <summary>First row, and rows (n, d_in) in float32 that are disposed with the next; in order, all of them.</summary>
    /// <param name="weight">Borrowed.</param>
    /// <param name="multiple">Rows that belong together: every piece but the last holds a multiple of them.</param>
    public static IEnumerable<(int Start, Tensor Rows)> Of(QuantizedWeight weight, int multiple = 1)
    {
        var (rows, columns) = (weight.Layer.OutFeatures, weight.Layer.InFeatures);
        var step = RowsAtOnce(columns, multiple);
        using var whole = weight is GroupedWeight ? null : weight.Dequantize().DetachFromDisposeScope(); // a factorization has no cheap rows
        for (var start = 0; start < rows; start += step)
        {
            var count = Math.Min(step, rows - start);
            using var piece = (whole?.narrow(0, start, count) ?? Dequantize((GroupedWeight)weight, start, count)).DetachFromDisposeScope();
            yield return (start, piece);
        }
    }

    /// <summary>Rows of a piece.</summary>
    public static int RowsAtOnce(int columns, int multiple) => Math.Max(1, ValuesAtOnce / columns / multiple) * multiple;

    private static Tensor Dequantize(GroupedWeight weight, int start, int count)
    {
        using var scope = NewDisposeScope();
        return GroupedWeight.Dequantize(
            weight.Codes.narrow(0, start, count),
            weight.Scales.narrow(0, start, count),
            weight.Zeros.narrow(0, start, count),
            weight.GroupIndex).MoveToOuterDisposeScope();
    }
}
