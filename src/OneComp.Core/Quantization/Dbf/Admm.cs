using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>
/// The solve for one factor Z with the other fixed: a least-squares problem over matrices of signs and rank-one magnitudes, by
/// the alternating direction method of multipliers: a ridge step, a projection, and the dual variable.
/// </summary>
internal static class Admm
{
    private const int Steps = 3;
    private const double ResidualRatio = 10;

    /// <summary>Improves <paramref name="factor"/> in place.</summary>
    /// <param name="factor">Z and its dual variable, (k, features).</param>
    /// <param name="system">The normal equations of the problem without the restriction: L(Z) = R.</param>
    /// <param name="right">R, (k, features).</param>
    /// <param name="rho">ρ to begin with.</param>
    /// <param name="adaptive">True to double or halve ρ where the residuals differ much.</param>
    public static void Solve(SignFactor factor, IRidgeSystem system, Tensor right, double rho, bool adaptive)
    {
        system.Shift(rho);
        for (var step = 0; step < Steps; step++)
        {
            using var scope = NewDisposeScope();
            var (value, dual) = (factor.Value, factor.Dual);
            var ridge = system.Solve(value.sub(dual).mul_(rho).add_(right));
            var projected = RankOne.Project(ridge.add(dual));
            var primal = ridge.sub_(projected);
            var change = adaptive && step < Steps - 1 ? Change(primal, projected, value, rho) : 1;
            dual.add_(primal);
            value.copy_(projected);
            if (change != 1)
            {
                rho *= change;
                dual.div_(change);
                system.Shift(rho);
            }
        }
    }

    /// <summary>2 where the primal residual is far above the dual one, 0.5 in the opposite case, otherwise 1.</summary>
    private static double Change(Tensor primal, Tensor projected, Tensor before, double rho)
    {
        var primalResidual = primal.norm().item<float>();
        var dualResidual = rho * projected.sub(before).norm().item<float>();
        return primalResidual > ResidualRatio * dualResidual ? 2
            : dualResidual > ResidualRatio * primalResidual ? 0.5 : 1;
    }
}
