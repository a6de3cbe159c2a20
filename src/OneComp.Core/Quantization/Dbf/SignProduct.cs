using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>
/// Ŵ = diag(s4)·A·diag(s2)·B·diag(s0) while signs and scales are worked on, in place. Float32; the tensors belong to the dispose
/// scope that it was made in.
/// </summary>
/// <param name="Outer">A, (d_out, k), ±1.</param>
/// <param name="Inner">B, (k, d_in), ±1.</param>
/// <param name="Rows">s4, (d_out).</param>
/// <param name="Middle">s2, (k).</param>
/// <param name="Columns">s0, (d_in).</param>
internal sealed record SignProduct(Tensor Outer, Tensor Inner, Tensor Rows, Tensor Middle, Tensor Columns)
{
    /// <summary>The signs of the factors, and scales from their magnitudes, which have rank one.</summary>
    public static SignProduct Of(FactorPair factors)
    {
        var (leftInner, rows) = RankOne.LeadingPair(factors.Left.Value.abs());
        var (rightInner, columns) = RankOne.LeadingPair(factors.Right.Value.abs());
        return new SignProduct(Signs(factors.Left.Value.t()), Signs(factors.Right.Value), rows, leftInner.mul(rightInner), columns);
    }

    /// <summary>Makes Ŵ that of the scaled weight diag(r)·W·diag(c).</summary>
    public void Scale(LayerWeights weights)
    {
        Rows.mul_(weights.Rows);
        Columns.mul_(weights.Columns);
    }

    /// <summary>Undoes <see cref="Scale"/>.</summary>
    public void Unscale(LayerWeights weights)
    {
        Rows.div_(weights.Rows);
        Columns.div_(weights.Columns);
    }

    private static Tensor Signs(Tensor factor) => factor.ge(0).to(ScalarType.Float32).mul_(2).sub_(1).contiguous();
}
