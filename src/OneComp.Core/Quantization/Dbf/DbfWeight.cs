using OneComp.Models;
using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>Ŵ = diag(s4)·A·diag(s2)·B·diag(s0), A and B of signs. Owns its tensors.</summary>
internal sealed class DbfWeight : QuantizedWeight
{
    private const int RowsAtOnce = 1024;

    /// <summary>Takes ownership of the tensors.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="outer">A, (d_out, k) bool, true for +1.</param>
    /// <param name="inner">B, (k, d_in) bool, true for +1.</param>
    /// <param name="scales">The three scales.</param>
    public DbfWeight(LinearLayer layer, Tensor outer, Tensor inner, DbfScales scales)
        : base(layer)
    {
        Outer = outer;
        Inner = inner;
        Scales = scales;
    }

    /// <summary>A, (d_out, k) bool.</summary>
    public Tensor Outer { get; }

    /// <summary>B, (k, d_in) bool.</summary>
    public Tensor Inner { get; }

    public DbfScales Scales { get; }

    public override Tensor Dequantize() => Dequantize(Outer, Inner, Scales);

    /// <summary>Ŵ, (d_out, d_in), float32, from its parts. The caller owns it.</summary>
    /// <remarks>
    /// A sum of up to 8192 half-precision scales is exact in float64, so no order of adding, device or number of threads
    /// changes the result.
    /// </remarks>
    public static Tensor Dequantize(Tensor outer, Tensor inner, DbfScales scales)
    {
        using var scope = NewDisposeScope();
        var weight = empty(outer.shape[0], inner.shape[1], dtype: ScalarType.Float32, device: outer.device);
        var right = Signs(inner).mul_(scales.Middle.to(ScalarType.Float64).unsqueeze(1)); // (k, d_in)
        var columns = scales.Columns.to(ScalarType.Float64);
        for (long start = 0; start < outer.shape[0]; start += RowsAtOnce)
        {
            using var rowScope = NewDisposeScope();
            var count = Math.Min(RowsAtOnce, outer.shape[0] - start);
            var rows = scales.Rows.narrow(0, start, count).to(ScalarType.Float64).unsqueeze(1);
            weight.narrow(0, start, count).copy_(Signs(outer.narrow(0, start, count)).mm(right).mul_(rows).mul_(columns));
        }

        return weight.MoveToOuterDisposeScope();
    }

    public override void Detach()
    {
        Outer.DetachFromDisposeScope();
        Inner.DetachFromDisposeScope();
        Scales.DetachFromDisposeScope();
    }

    public override void Dispose()
    {
        Outer.Dispose();
        Inner.Dispose();
        Scales.Dispose();
    }

    private static Tensor Signs(Tensor positive) => positive.to(ScalarType.Float64).mul_(2).sub_(1);
}
