using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>Sinkhorn scaling: factors for rows and columns that give all rows one norm and all columns one norm.</summary>
internal static class Balance
{
    // Rows and columns this much smaller than the largest are left as they are: nothing is gained by raising rounding noise.
    private const double Negligible = 1e-12;

    /// <summary>Factors r (d_out) and c (d_in) such that diag(r)·W·diag(c) is balanced. The caller owns them.</summary>
    /// <param name="weight">W, (d_out, d_in), float32; borrowed.</param>
    /// <param name="mode">The norms to make equal.</param>
    /// <param name="alpha">The norm of a row; columns get alpha·d_out/d_in, so that both add up to the same.</param>
    /// <param name="rounds">Times to scale the rows and then the columns.</param>
    public static (Tensor Rows, Tensor Columns) Of(Tensor weight, BalanceMode mode, double alpha, int rounds)
    {
        using var scope = NewDisposeScope();
        var magnitudes = mode == BalanceMode.L1 ? weight.abs() : weight.square();
        var columnNorm = alpha * weight.shape[0] / weight.shape[1];
        var rows = ones(weight.shape[0], dtype: ScalarType.Float32, device: weight.device);
        var columns = ones(weight.shape[1], dtype: ScalarType.Float32, device: weight.device);
        for (var round = 0; round < rounds; round++)
        {
            // Sums of scaled magnitudes are products with the other side's factors: the matrix itself stays as it is.
            rows.copy_(Factors(magnitudes.mv(columns), alpha));
            columns.copy_(Factors(magnitudes.t().mv(rows), columnNorm));
        }

        if (mode == BalanceMode.L2)
        {
            (rows, columns) = (rows.sqrt_(), columns.sqrt_());
        }

        return (rows.MoveToOuterDisposeScope(), columns.MoveToOuterDisposeScope());
    }

    private static Tensor Factors(Tensor sums, double norm)
    {
        var negligible = sums.le(sums.max().mul(Negligible));
        return sums.reciprocal().mul_(norm).masked_fill_(negligible, 1);
    }
}
