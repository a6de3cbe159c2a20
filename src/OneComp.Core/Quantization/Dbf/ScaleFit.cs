using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>
/// The scales that are best for given signs, for least tr((W - Ŵ)·M·(W - Ŵ)ᵀ): each of the three has a linear least-squares
/// problem while the others are fixed, so they are solved for in turn.
/// </summary>
internal static class ScaleFit
{
    private const double Ridge = 1e-6;
    private const double Tiny = 1e-30;

    /// <summary>One pass over the three scales of <paramref name="product"/>, in place.</summary>
    /// <param name="product">The signs, and scales to begin with.</param>
    /// <param name="weight">W, (d_out, d_in), float32. Borrowed.</param>
    /// <param name="metric">M, (d_in, d_in), positive definite. Borrowed.</param>
    public static void Pass(SignProduct product, Tensor weight, Tensor metric)
    {
        using var scope = NewDisposeScope();
        var weighted = weight.mm(metric);
        FitColumns(product, weighted, metric);
        FitMiddle(product, weight, metric);
        FitRows(product, weighted, metric);
    }

    /// <summary>(PᵀP ∘ M)·s0 = diag(Pᵀ·W·M) with P = diag(s4)·A·diag(s2)·B.</summary>
    private static void FitColumns(SignProduct product, Tensor weighted, Tensor metric)
    {
        using var scope = NewDisposeScope();
        var left = product.Outer.mul(product.Middle).mm(product.Inner).mul_(product.Rows.unsqueeze(1)); // (d_out, d_in)
        var gram = left.t().mm(left).mul_(metric);
        product.Columns.copy_(Solve(gram, left.mul_(weighted).sum(dim: 0)));
    }

    /// <summary>(LᵀL ∘ R·M·Rᵀ)·s2 = diag(Lᵀ·W·M·Rᵀ) with L = diag(s4)·A and R = B·diag(s0).</summary>
    private static void FitMiddle(SignProduct product, Tensor weight, Tensor metric)
    {
        using var scope = NewDisposeScope();
        var left = product.Outer.mul(product.Rows.unsqueeze(1));                                            // (d_out, k)
        var right = product.Inner.mul(product.Columns);                                                     // (k, d_in)
        var rightWeighted = right.mm(metric);
        var gram = left.t().mm(left).mul_(rightWeighted.mm(right.t()));
        product.Middle.copy_(Solve(gram, left.t().mm(weight).mul_(rightWeighted).sum(dim: 1)));
    }

    /// <summary>A number for each row: (r·M·wᵀ) / (r·M·rᵀ) with r the row without its scale.</summary>
    private static void FitRows(SignProduct product, Tensor weighted, Tensor metric)
    {
        using var scope = NewDisposeScope();
        var right = product.Outer.mul(product.Middle).mm(product.Inner.mul(product.Columns));           // (d_out, d_in)
        var norms = right.mm(metric).mul_(right).sum(dim: 1).clamp_min_(Tiny);
        product.Rows.copy_(right.mul_(weighted).sum(dim: 1).div_(norms));
    }

    private static Tensor Solve(Tensor gram, Tensor right)
    {
        var left = gram.to(ScalarType.Float64);
        left.diagonal().add_(left.diagonal().mean().mul_(Ridge).clamp_min_(Tiny));
        var (lower, _) = linalg.cholesky_ex(left, check_errors: false);
        return cholesky_solve(right.to(ScalarType.Float64).unsqueeze(1), lower).squeeze(1).to(ScalarType.Float32);
    }
}
