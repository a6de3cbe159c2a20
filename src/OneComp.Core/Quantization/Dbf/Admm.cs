using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>
/// The solve for one factor Z with the other, F, fixed: least ‖T - FᵀZ‖² + ridge·‖Z‖² over matrices of signs and rank-one
/// magnitudes, by the alternating direction method of multipliers: a ridge step, a projection, and the dual variable.
/// </summary>
internal static class Admm
{
    private const int Steps = 3;
    private const double ResidualRatio = 10;

    /// <summary>Improves <paramref name="factor"/> in place.</summary>
    /// <param name="factor">Z and its dual variable, (k, features).</param>
    /// <param name="fixedFactor">F, (k, other features), rows of length 1.</param>
    /// <param name="target">T, (other features, features).</param>
    /// <param name="rho">ρ to begin with.</param>
    /// <param name="reg">The ridge term, as a share of the mean diagonal of FFᵀ.</param>
    /// <param name="adaptive">True to double or halve ρ where the residuals differ much.</param>
    public static void Solve(SignFactor factor, Tensor fixedFactor, Tensor target, double rho, double reg, bool adaptive)
    {
        using var scope = NewDisposeScope();
        var gram = fixedFactor.matmul(fixedFactor.t());                      // (k, k)
        gram.diagonal().add_(gram.diagonal().mean().mul_(reg));
        var right = fixedFactor.matmul(target);                              // (k, features)
        var inverse = Inverse(gram, rho);
        for (var step = 0; step < Steps; step++)
        {
            using var stepScope = NewDisposeScope();
            var (value, dual) = (factor.Value, factor.Dual);
            var ridge = inverse.matmul(value.sub(dual).mul_(rho).add_(right));
            var projected = RankOne.Project(ridge.add(dual));
            var primal = ridge.sub_(projected);
            if (adaptive && step < Steps - 1)
            {
                var primalResidual = primal.norm().item<float>();
                var dualResidual = rho * projected.sub(value).norm().item<float>();
                dual.add_(primal);
                value.copy_(projected);
                var change = primalResidual > ResidualRatio * dualResidual ? 2
                    : dualResidual > ResidualRatio * primalResidual ? 0.5 : 1;
                if (change != 1)
                {
                    rho *= change;
                    dual.div_(change);
                    inverse = Inverse(gram, rho).MoveToOuterDisposeScope();
                }
            }
            else
            {
                dual.add_(primal);
                value.copy_(projected);
            }
        }
    }

    private static Tensor Inverse(Tensor gram, double rho)
    {
        using var scope = NewDisposeScope();
        var shifted = gram.clone();
        shifted.diagonal().add_(rho);
        var (lower, _) = linalg.cholesky_ex(shifted, check_errors: false);
        return cholesky_inverse(lower).MoveToOuterDisposeScope();
    }
}
