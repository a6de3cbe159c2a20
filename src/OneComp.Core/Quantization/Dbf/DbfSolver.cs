using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>
/// DBF of one layer: rows and columns are scaled to count as much as they should, then the two factors are solved for in turn,
/// with a penalty that grows from round to round, and the scaling is undone in the scales.
/// </summary>
internal static class DbfSolver
{
    private const double FirstRho = 0.03;
    private const double LeastShareOfMean = 0.01;

    /// <summary>Quantizes a layer.</summary>
    /// <param name="problem">With a Hessian unless the weight is balanced.</param>
    /// <param name="options">The settings.</param>
    /// <param name="token">Asked before each round.</param>
    /// <exception cref="NumericException">The weight, or the mean square of an input, is not finite.</exception>
    public static DbfWeight Quantize(LayerProblem problem, DbfQuantizer options, CancellationToken token)
    {
        var layer = problem.Layer;
        var inner = options.SchemeFor(layer).InnerFeatures(layer);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var weight = problem.Weight.to(ScalarType.Float32);
        if (!weight.isfinite().all().item<bool>())
        {
            throw new NumericException(NumericError.WeightNotFinite, layer.Name, $"Layer {layer.Name}: the weight holds NaN or infinite values. The model's file is damaged: download it again.");
        }

        var (rows, columns) = options.UseBalancing
            ? Balance.Of(weight, options.BalanceMode, options.BalanceAlpha, options.BalanceIters)
            : (ones_like(weight.select(1, 0)), InputWeights(problem));
        var scaled = weight.mul(rows.unsqueeze(1)).mul_(columns);

        using var generator = new Generator(LayerSeed.Of(options.Seed, layer.Name), CPU);
        using var left = new SignFactor(inner, layer.OutFeatures, generator, weight.device);  // Aᵀ
        using var right = new SignFactor(inner, layer.InFeatures, generator, weight.device);  // B
        for (var round = 0; round < options.Iters; round++)
        {
            token.ThrowIfCancellationRequested();
            Improve(left, right, scaled, Rho(round, options.Iters), options);
        }

        var (leftInner, leftRows) = RankOne.LeadingPair(left.Value.abs());
        var (rightInner, rightColumns) = RankOne.LeadingPair(right.Value.abs());
        var scales = DbfScales.Of(leftRows.div(rows), leftInner.mul(rightInner), rightColumns.div(columns));
        return new DbfWeight(
            layer,
            left.Value.t().ge(0).contiguous().DetachFromDisposeScope(),
            right.Value.ge(0).DetachFromDisposeScope(),
            scales.DetachFromDisposeScope());
    }

    private static void Improve(SignFactor left, SignFactor right, Tensor scaled, double rho, DbfQuantizer options)
    {
        left.NormaliseInto(right);
        Admm.Solve(right, left.Value, scaled, rho, options.Reg, options.UseAdaptiveRho);
        right.NormaliseInto(left);
        Admm.Solve(left, right.Value, scaled.t(), rho, options.Reg, options.UseAdaptiveRho);
    }

    /// <summary>ρ of a round: small, so that the factors move freely, to 1 from the third round before the last.</summary>
    private static double Rho(int round, int rounds) =>
        FirstRho + ((1 - FirstRho) * Math.Pow(Math.Min(1, round / (double)Math.Max(1, rounds - 3)), 3));

    /// <summary>
    /// Root mean square of each input. The curvature of the loss at the outputs, which would weight the rows, is not at hand here,
    /// so rows count alike. Inputs that are (nearly) always zero keep a small weight, for it is divided by in the end.
    /// </summary>
    private static Tensor InputWeights(LayerProblem problem)
    {
        using var scope = NewDisposeScope();
        var moments = (problem.Hessian ?? throw new ArgumentException("DBF without balancing needs a Hessian", nameof(problem))).InputMoments();
        if (!moments.isfinite().all().item<bool>())
        {
            throw new NumericException(NumericError.HessianNotFinite, problem.Layer.Name, $"Layer {problem.Layer.Name}: the mean squares of its input hold NaN or infinite values. The calibration activations overflow: use -Device cpu (float32), or check the model's weights.");
        }

        var weights = moments.sqrt();
        var mean = weights.mean().item<float>();
        return mean > 0
            ? weights.div_(mean).clamp_min_(LeastShareOfMean).MoveToOuterDisposeScope()
            : weights.fill_(1).MoveToOuterDisposeScope();
    }
}
