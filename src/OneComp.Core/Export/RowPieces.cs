using OneComp.Quantization;
using OneComp.Quantization.Grids;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Export;

/// <summary>A quantized weight's values a few rows at a time: the whole in float32 takes four times its codes, and more in between.</summary>
internal static class RowPieces
{
    private const int ValuesAtOnce = 1 << 18; // a megabyte of float32: it stays in the cache, and in memory that is in use already

    /// <summary>First row, and rows (n, d_in) in float32 that are disposed with the next; in order, all of them.</summary>
    /// <param name="weight">On the CPU; borrowed.</param>
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

    // As GroupedWeight.Dequantize computes it, (code - zero) · scale in float32, without its matrices of scales and zero points.
    private static unsafe Tensor Dequantize(GroupedWeight weight, int start, int count)
    {
        using var scope = NewDisposeScope();
        var columns = weight.Layer.InFeatures;
        var (scales, zeros) = (weight.Scales.narrow(0, start, count).to(ScalarType.Float32).contiguous(), weight.Zeros.narrow(0, start, count).to(ScalarType.Int32).contiguous());
        var scale = TensorMemory.Pointer<float>(scales);
        var zero = TensorMemory.Pointer<int>(zeros);
        var codes = TensorMemory.Pointer<byte>(weight.Codes);
        var (groups, index) = ((int)weight.Scales.shape[1], weight.GroupIndex);
        var values = empty(count, columns, dtype: ScalarType.Float32);
        var target = TensorMemory.Pointer<float>(values);
        Parallel.For(0, count, row =>
        {
            var rowCodes = codes + ((long)(start + row) * columns);
            var rowValues = target + ((long)row * columns);
            for (var column = 0; column < columns; column++)
            {
                var group = (row * groups) + index[column];
                rowValues[column] = (rowCodes[column] - zero[group]) * scale[group];
            }
        });
        return values.MoveToOuterDisposeScope();
    }
}
