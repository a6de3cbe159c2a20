using System.Globalization;
using OneComp.Progress;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Quantization.Hessians;

/// <summary>
/// R, upper triangular with H = RRᵀ, and the order of columns it is for. With J the reversal of columns and JHJ = LLᵀ, R = JLJ: one
/// Cholesky. The U of Frantar et al. 2022 (GPTQ), the upper Cholesky factor of H⁻¹, is R⁻¹, of which only blocks on the diagonal are
/// needed; each is the inverse of R's (docs/adr/0009). Owns its tensors.
/// </summary>
internal sealed class HessianFactor : IDisposable
{
    private const int MaxDampingSteps = 6;
    private readonly DiagonalInverses _inverses;

    private HessianFactor(Tensor root, Tensor? order, Tensor? dead, double percDamp)
    {
        Root = root;
        _inverses = new DiagonalInverses(root);
        Order = order;
        Dead = dead;
        PercDamp = percDamp;
        Permutation = order is null ? null : Ints(order);
        DeadColumns = dead is null ? [] : Ints(dead.nonzero().flatten());
    }

    /// <summary>R, (d_in, d_in), float32, contiguous, over the ordered columns.</summary>
    public Tensor Root { get; }

    /// <summary>Ordered column i is the model's column Order[i], (d_in) int64; null for the model's order.</summary>
    public Tensor? Order { get; }

    /// <summary>True for columns of the model whose input was always zero, (d_in); null where there is none.</summary>
    public Tensor? Dead { get; }

    /// <summary><see cref="Order"/> in main memory.</summary>
    public int[]? Permutation { get; }

    /// <summary>Columns of the model whose input was always zero.</summary>
    public int[] DeadColumns { get; }

    /// <summary>The damping that was used, as a share of the mean diagonal.</summary>
    public double PercDamp { get; }

    /// <summary>
    /// Factorises H, raising the damping tenfold, at most six times, where H is not positive definite. Takes the memory of two matrices of H's
    /// size, one of which the factor keeps (docs/performance.md).
    /// </summary>
    /// <param name="make">Makes H, (d_in, d_in), which is taken over; called again where a factor turns out useless.</param>
    /// <param name="percDamp">Damping as a share of the mean diagonal.</param>
    /// <param name="actOrder">True to order columns by descending diagonal.</param>
    /// <param name="layer">Named where H cannot be factorised.</param>
    /// <param name="progress">Told when more damping was needed.</param>
    /// <exception cref="NumericException">H is not finite, or no damping helped.</exception>
    public static HessianFactor Of(Func<Tensor> make, double percDamp, bool actOrder, string layer, IProgress<RunEvent>? progress)
    {
        using var scope = NewDisposeScope();
        var hessian = make();
        var (diagonal, dead) = Diagonal(hessian);
        var largest = Magnitude.Largest(hessian); // not finite where any value is not
        var facts = stack([largest.isfinite().to(ScalarType.Float64), diagonal.mean().to(ScalarType.Float64), dead.any().to(ScalarType.Float64)])
            .cpu().data<double>().ToArray(); // one wait for the device instead of three
        if (facts[0] == 0)
        {
            throw new NumericException(NumericError.HessianNotFinite, layer, $"Layer {layer}: the Hessian of its input holds NaN or infinite values. The calibration activations overflow: use -Device cpu (float32), or check the model's weights.");
        }

        var order = actOrder ? diagonal.sort(dim: 0, descending: true, stable: true).Indices : null;
        Tensor? reversed = Reversed(hessian, order);
        var reversedDiagonal = (order is null ? diagonal : diagonal.index_select(0, order)).flip(0);
        var damp = Math.Max(percDamp, 0);
        for (var step = 0; step <= MaxDampingSteps; step++)
        {
            reversed ??= Reversed(make(), order);
            using (var entries = reversed.diagonal())
            {
                entries.copy_(reversedDiagonal.add(damp * facts[1]));
            }

            if (TryFactor(ref reversed) is { } root)
            {
                if (step > 0)
                {
                    progress?.Report(new WarningEvent(string.Create(CultureInfo.InvariantCulture, $"Layer {layer}: the Hessian is not positive definite at damping {percDamp:g3}; {damp:g3} was used.")));
                }

                return new HessianFactor(
                    root.DetachFromDisposeScope(),
                    order?.DetachFromDisposeScope(),
                    facts[2] == 0 ? null : dead.DetachFromDisposeScope(),
                    damp);
            }

            damp = damp > 0 ? damp * 10 : 1e-4;
        }

        throw new NumericException(NumericError.HessianNotPositiveDefinite, layer, $"Layer {layer}: the Hessian cannot be factorised even with heavy damping. Use more or more varied calibration text.");
    }

    /// <summary>U of the columns from <paramref name="start"/>, which <paramref name="length"/> divides, to as many later or the last.</summary>
    /// <returns>(n, n) float32, contiguous, which the caller owns; the blocks are made at the first call for a length.</returns>
    public Tensor Inverse(int start, int length) => _inverses.Of(start, length);

    public void Dispose()
    {
        Root.Dispose();
        _inverses.Dispose();
        Order?.Dispose();
        Dead?.Dispose();
    }

    /// <summary>H's diagonal, with 1 for what is 0, and where that is. Views of H are not left behind: they would keep its memory.</summary>
    private static (Tensor Diagonal, Tensor Dead) Diagonal(Tensor hessian)
    {
        using var entries = hessian.diagonal();
        var dead = entries.eq(0);
        return (entries.masked_fill(dead, 1), dead);
    }

    /// <summary>The columns in reverse order, of H or of H in the order given. H is taken over; never are there three matrices.</summary>
    private static Tensor Reversed(Tensor hessian, Tensor? order)
    {
        using (hessian)
        {
            if (order is null)
            {
                return hessian.flip(0, 1);
            }

            using var backwards = order.flip(0);
            using var rows = hessian.index_select(0, backwards);
            hessian.Dispose();
            return rows.index_select(1, backwards);
        }
    }

    /// <summary>R; null where there is none. Where a Cholesky factor was found its argument is gone.</summary>
    private static Tensor? TryFactor(ref Tensor? reversed)
    {
        using var scope = NewDisposeScope();
        var (lower, info) = linalg.cholesky_ex(reversed!, check_errors: false);
        if (info.item<int>() != 0)
        {
            return null;
        }

        reversed!.Dispose();
        reversed = null;
        var root = UpperFrom(lower);
        var usable = root.sum().isfinite().logical_and(root.diagonal().gt(0).all());
        return usable.item<bool>() ? root.MoveToOuterDisposeScope() : null;
    }

    /// <summary>JLJ from L, which is taken over. libtorch gives L by columns, so that its transpose lies in order; never are there three matrices.</summary>
    private static Tensor UpperFrom(Tensor lower)
    {
        using var scope = NewDisposeScope();
        Tensor flipped;
        using (lower)
        {
            using var rows = lower.t();
            flipped = rows.flip(0, 1).to(ScalarType.Float32);
        }

        return flipped.t().contiguous().MoveToOuterDisposeScope();
    }

    private static int[] Ints(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.to(ScalarType.Int32).cpu().data<int>().ToArray();
    }
}
