using OneComp.Quantization.Hessians;
using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>
/// DBF of one layer: rows and columns are scaled to count as much as they should, then the two factors are solved for in turn,
/// with a penalty that grows from round to round, the last rounds under the whole Hessian. The scaling is undone in the scales,
/// and scales and signs are refined.
/// </summary>
internal static class DbfSolver
{
    private const double FirstRho = 0.03;

    // Balanced factors are for the weight itself: refining is to lower its error at the outputs without raising that of the weight.
    private const double BalancedShrinkage = 0.85;

    /// <summary>Quantizes a layer.</summary>
    /// <param name="problem">With a Hessian where the settings need one.</param>
    /// <param name="options">The settings.</param>
    /// <param name="token">Asked before each round.</param>
    /// <exception cref="NumericException">The weight, or a statistic of the layer, is not finite.</exception>
    public static DbfWeight Quantize(LayerProblem problem, DbfQuantizer options, CancellationToken token)
    {
        var layer = problem.Layer;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var weight = problem.Weight.to(ScalarType.Float32);
        WeightCheck.Require(problem);
        var hessian = options.NeedsHessian ? HessianOf(problem) : null;
        using var weights = options.UseBalancing
            ? LayerWeights.Balanced(weight, options)
            : LayerWeights.Of(problem, hessian!, options.UseCurvature ? problem.OutputCurvature : null);
        using var generator = new Generator(LayerSeed.Of(options.Seed, layer.Name), CPU);
        using var factors = new FactorPair(layer, options, generator, weight.device);
        Search(factors, weights, weight, hessian, options, token);
        var product = SignProduct.Of(factors);
        product.Unscale(weights);
        if (options.RefineIters > 0)
        {
            using var equal = options.UseBalancing ? LayerWeights.Equal(weight) : null;
            Refine(product, equal ?? weights, weight, hessian!, options, token);
        }

        return new DbfWeight(
            layer,
            product.Outer.ge(0).DetachFromDisposeScope(),
            product.Inner.ge(0).DetachFromDisposeScope(),
            DbfScales.Of(product.Rows, product.Middle, product.Columns).DetachFromDisposeScope());
    }

    private static void Search(FactorPair factors, LayerWeights weights, Tensor weight, LayerHessian? hessian, DbfQuantizer options, CancellationToken token)
    {
        using var scope = NewDisposeScope();
        var target = weights.Scale(weight);
        var underHessian = options.UseBalancing ? 0 : options.HessianIters;
        using var correlation = underHessian > 0 ? InputCorrelation.Of(hessian!, weights.Columns, options.HessianShrinkage) : null;
        for (var round = 0; round < options.Iters; round++)
        {
            token.ThrowIfCancellationRequested();
            factors.Improve(target, round < options.Iters - underHessian ? null : correlation, Rho(round, options.Iters));
        }
    }

    /// <summary>Signs of A and the scales in turn, in the coordinates of <paramref name="weights"/>.</summary>
    private static void Refine(SignProduct product, LayerWeights weights, Tensor weight, LayerHessian hessian, DbfQuantizer options, CancellationToken token)
    {
        using var scope = NewDisposeScope();
        var target = weights.Scale(weight);
        using var correlation = InputCorrelation.Of(hessian, weights.Columns, options.UseBalancing ? BalancedShrinkage : options.HessianShrinkage);
        product.Scale(weights);
        for (var round = 0; round < options.RefineIters; round++)
        {
            token.ThrowIfCancellationRequested();
            SignDescent.Pass(product, target, correlation.Matrix);
            ScaleFit.Pass(product, target, correlation.Matrix);
        }

        product.Unscale(weights);
    }

    /// <summary>ρ of a round: small, so that the factors move freely, to 1 from the third round before the last.</summary>
    private static double Rho(int round, int rounds) =>
        FirstRho + ((1 - FirstRho) * Math.Pow(Math.Min(1, round / (double)Math.Max(1, rounds - 3)), 3));

    private static LayerHessian HessianOf(LayerProblem problem)
    {
        using var scope = NewDisposeScope();
        var hessian = problem.Hessian ?? throw new ArgumentException("these settings of DBF need a Hessian", nameof(problem));
        return hessian.InputMoments().isfinite().all().item<bool>()
            ? hessian
            : throw new NumericException(NumericError.HessianNotFinite, problem.Layer.Name, $"Layer {problem.Layer.Name}: the mean squares of its input hold NaN or infinite values. The calibration activations overflow: use -Device cpu (float32), or check the model's weights.");
    }
}
