using OneComp.Quantization.Hessians;
using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>How much the rows and columns of a weight count: what they are multiplied by before factors are searched for. Owns both.</summary>
/// <param name="Rows">(d_out) float32.</param>
/// <param name="Columns">(d_in) float32.</param>
internal sealed record LayerWeights(Tensor Rows, Tensor Columns) : IDisposable
{
    private const double LeastShareOfMean = 0.01;

    /// <summary>Those that give all rows one norm and all columns one norm.</summary>
    /// <param name="weight">W, (d_out, d_in), float32. Borrowed.</param>
    /// <param name="options">The settings of balancing.</param>
    public static LayerWeights Balanced(Tensor weight, DbfQuantizer options)
    {
        var (rows, columns) = Balance.Of(weight, options.BalanceMode, options.BalanceAlpha, options.BalanceIters);
        return new LayerWeights(rows.DetachFromDisposeScope(), columns.DetachFromDisposeScope());
    }

    /// <summary>Square roots of the curvature of the loss at the outputs, and of the second moments of the inputs.</summary>
    /// <param name="problem">The layer.</param>
    /// <param name="hessian">H of its input. Borrowed.</param>
    /// <param name="curvature">b, (d_out); null to let rows count alike. Borrowed.</param>
    /// <exception cref="NumericException">A curvature is not finite.</exception>
    public static LayerWeights Of(LayerProblem problem, LayerHessian hessian, Tensor? curvature)
    {
        using var scope = NewDisposeScope();
        var b = curvature?.to(ScalarType.Float32) ?? ones(problem.Layer.OutFeatures, dtype: ScalarType.Float32, device: problem.Weight.device);
        return b.isfinite().all().item<bool>()
            ? new LayerWeights(Roots(b).DetachFromDisposeScope(), Roots(hessian.InputMoments()).DetachFromDisposeScope())
            : throw new NumericException(NumericError.StatisticNotFinite, problem.Layer.Name, $"Layer {problem.Layer.Name}: the squared gradients at its output hold NaN or infinite values. Use -Device cpu (float32), or -UseCurvature $false.");
    }

    /// <summary>All rows and all columns alike.</summary>
    /// <param name="weight">W, (d_out, d_in). Borrowed.</param>
    public static LayerWeights Equal(Tensor weight)
    {
        using var scope = NewDisposeScope();
        return new LayerWeights(ones_like(weight.select(1, 0)).DetachFromDisposeScope(), ones_like(weight.select(0, 0)).DetachFromDisposeScope());
    }

    /// <summary>diag(Rows)·W·diag(Columns). The caller owns it.</summary>
    public Tensor Scale(Tensor weight) => weight.mul(Rows.unsqueeze(1)).mul_(Columns);

    public void Dispose()
    {
        Rows.Dispose();
        Columns.Dispose();
    }

    /// <summary>Square roots of mean 1. What is (nearly) always zero keeps a small weight, for it is divided by in the end.</summary>
    private static Tensor Roots(Tensor squares)
    {
        using var scope = NewDisposeScope();
        var roots = squares.sqrt();
        var mean = roots.mean().item<float>();
        return (mean > 0 ? roots.div_(mean).clamp_min_(LeastShareOfMean) : roots.fill_(1)).MoveToOuterDisposeScope();
    }
}
