using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>The scales of a factorization, float16. Owns its tensors.</summary>
/// <param name="Rows">s4, (d_out).</param>
/// <param name="Middle">s2, (k).</param>
/// <param name="Columns">s0, (d_in).</param>
internal sealed record DbfScales(Tensor Rows, Tensor Middle, Tensor Columns) : IDisposable
{
    /// <summary>
    /// Rounds scales to float16 after giving all three the same mean magnitude: only their product counts, and this keeps them
    /// far from the ends of the type's range. The caller owns the result; the arguments are borrowed.
    /// </summary>
    public static DbfScales Of(Tensor rows, Tensor middle, Tensor columns)
    {
        using var scope = NewDisposeScope();
        Tensor[] scales = [rows, middle, columns];
        double[] means = [.. scales.Select(scale => scale.abs().mean().to(ScalarType.Float64).item<double>())];
        var common = Math.Cbrt(means[0]) * Math.Cbrt(means[1]) * Math.Cbrt(means[2]);
        Tensor[] halves = [.. scales.Zip(means, (scale, mean) =>
            scale.to(ScalarType.Float64).mul(mean > 0 ? common / mean : 0).to(ScalarType.Float16).MoveToOuterDisposeScope())];
        return new DbfScales(halves[0], halves[1], halves[2]);
    }

    /// <summary>Lets the scales outlive the dispose scope they were made in.</summary>
    public DbfScales DetachFromDisposeScope()
    {
        Rows.DetachFromDisposeScope();
        Middle.DetachFromDisposeScope();
        Columns.DetachFromDisposeScope();
        return this;
    }

    public void Dispose()
    {
        Rows.Dispose();
        Middle.Dispose();
        Columns.Dispose();
    }
}
