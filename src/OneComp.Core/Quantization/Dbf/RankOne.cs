using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>Matrices whose magnitudes have rank one: u·vᵀ with any signs.</summary>
internal static class RankOne
{
    // Magnitudes have one large singular value, far above the next: the power method is there in a few steps.
    private const int PowerSteps = 3;
    private const double Tiny = 1e-30;

    /// <summary>The leading singular pair of a matrix without negative entries, σ in <c>Columns</c>. The caller owns both.</summary>
    public static (Tensor Rows, Tensor Columns) LeadingPair(Tensor magnitudes)
    {
        using var scope = NewDisposeScope();
        var transposed = magnitudes.t();
        var rows = Unit(magnitudes.mean([1]));
        var columns = transposed.mv(rows);
        for (var step = 1; step < PowerSteps; step++)
        {
            rows = Unit(magnitudes.mv(Unit(columns)));
            columns = transposed.mv(rows);
        }

        return (rows.MoveToOuterDisposeScope(), columns.MoveToOuterDisposeScope());
    }

    /// <summary>The nearest matrix to <paramref name="matrix"/> of its signs and rank-one magnitudes. The caller owns it.</summary>
    public static Tensor Project(Tensor matrix)
    {
        using var scope = NewDisposeScope();
        var (rows, columns) = LeadingPair(matrix.abs());
        return outer(rows, columns).copysign(matrix).MoveToOuterDisposeScope();
    }

    private static Tensor Unit(Tensor vector) => vector.div(vector.norm().clamp_min(Tiny));
}
