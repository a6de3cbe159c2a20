using System.Globalization;
using OneComp.Progress;
using static TorchSharp.torch;

namespace OneComp.Quantization.Hessians;

/// <summary>
/// U, the upper Cholesky factor of H⁻¹ (Frantar et al. 2022, GPTQ), with the order of columns it is for. With J the reversal
/// of columns and JHJ = LLᵀ, U = J·L⁻¹·J: one Cholesky and one triangular solve. Owns its tensors.
/// </summary>
internal sealed class HessianFactor : IDisposable
{
    private const int MaxDampingSteps = 6;

    private HessianFactor(Tensor upper, int[]? permutation, int[] deadColumns, double percDamp)
    {
        Upper = upper;
        Permutation = permutation;
        DeadColumns = deadColumns;
        PercDamp = percDamp;
    }

    /// <summary>U, (d_in, d_in), float32, contiguous, over the ordered columns.</summary>
    public Tensor Upper { get; }

    /// <summary>Ordered column i is the model's column Permutation[i]; null for the model's order.</summary>
    public int[]? Permutation { get; }

    /// <summary>Columns of the model whose input was always zero.</summary>
    public int[] DeadColumns { get; }

    /// <summary>The damping that was used, as a share of the mean diagonal.</summary>
    public double PercDamp { get; }

    /// <summary>Factorises H, raising the damping tenfold, at most six times, where H is not positive definite.</summary>
    /// <exception cref="NumericException">H is not finite, or no damping helped.</exception>
    public static HessianFactor Of(Tensor hessian, double percDamp, bool actOrder, string layer, IProgress<RunEvent>? progress)
    {
        using var scope = NewDisposeScope();
        var h = hessian.clone();
        var diagonal = h.diagonal();
        if (!h.isfinite().all().item<bool>())
        {
            throw new NumericException(NumericError.HessianNotFinite, layer, $"Layer {layer}: the Hessian of its input holds NaN or infinite values. The calibration activations overflow: use -Device cpu (float32), or check the model's weights.");
        }

        var dead = diagonal.eq(0);
        diagonal.masked_fill_(dead, 1);
        Tensor? order = null;
        if (actOrder)
        {
            order = diagonal.sort(dim: 0, descending: true, stable: true).Indices;
            h = h.index_select(0, order).index_select(1, order);
        }

        var mean = h.diagonal().mean().to(ScalarType.Float64).item<double>();
        var damp = Math.Max(percDamp, 0);
        for (var step = 0; step <= MaxDampingSteps; step++)
        {
            if (TryFactor(h, damp * mean) is { } upper)
            {
                if (step > 0)
                {
                    progress?.Report(new WarningEvent(string.Create(CultureInfo.InvariantCulture, $"Layer {layer}: the Hessian is not positive definite at damping {percDamp:g3}; {damp:g3} was used.")));
                }

                return new HessianFactor(
                    upper.DetachFromDisposeScope(),
                    order?.to(ScalarType.Int32).cpu().data<int>().ToArray(),
                    dead.nonzero().flatten().to(ScalarType.Int32).cpu().data<int>().ToArray(),
                    damp);
            }

            damp = damp > 0 ? damp * 10 : 1e-4;
        }

        throw new NumericException(NumericError.HessianNotPositiveDefinite, layer, $"Layer {layer}: the Hessian cannot be factorised even with heavy damping. Use more or more varied calibration text.");
    }

    public void Dispose() => Upper.Dispose();

    private static Tensor? TryFactor(Tensor h, double damping)
    {
        using var scope = NewDisposeScope();
        var reversed = h.flip(0, 1);
        reversed.diagonal().add_(damping);
        var (lower, info) = linalg.cholesky_ex(reversed, check_errors: false);
        if (info.item<int>() != 0)
        {
            return null;
        }

        var identity = eye(h.shape[0], dtype: h.dtype, device: h.device);
        var upper = linalg.solve_triangular(lower, identity, upper: false).flip(0, 1).to(ScalarType.Float32).contiguous();
        return upper.isfinite().all().item<bool>() ? upper.MoveToOuterDisposeScope() : null;
    }
}
