using System.Globalization;
using OneComp.Progress;
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
    private readonly Dictionary<int, (Tensor Full, Tensor? Last)> _inverses = [];

    private HessianFactor(Tensor root, Tensor? order, Tensor? dead, double percDamp)
    {
        Root = root;
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

    /// <summary>Factorises H, raising the damping tenfold, at most six times, where H is not positive definite.</summary>
    /// <exception cref="NumericException">H is not finite, or no damping helped.</exception>
    public static HessianFactor Of(Tensor hessian, double percDamp, bool actOrder, string layer, IProgress<RunEvent>? progress)
    {
        using var scope = NewDisposeScope();
        var dead = hessian.diagonal().eq(0);
        var diagonal = hessian.diagonal().masked_fill(dead, 1);
        var facts = stack([hessian.isfinite().all().to(ScalarType.Float64), diagonal.mean().to(ScalarType.Float64), dead.any().to(ScalarType.Float64)])
            .cpu().data<double>().ToArray(); // one wait for the device instead of three
        if (facts[0] == 0)
        {
            throw new NumericException(NumericError.HessianNotFinite, layer, $"Layer {layer}: the Hessian of its input holds NaN or infinite values. The calibration activations overflow: use -Device cpu (float32), or check the model's weights.");
        }

        var order = actOrder ? diagonal.sort(dim: 0, descending: true, stable: true).Indices : null;
        var reversed = order is null ? hessian.flip(0, 1) : Reordered(hessian, order.flip(0));
        var reversedDiagonal = (order is null ? diagonal : diagonal.index_select(0, order)).flip(0);
        var damp = Math.Max(percDamp, 0);
        for (var step = 0; step <= MaxDampingSteps; step++)
        {
            reversed.diagonal().copy_(reversedDiagonal.add(damp * facts[1]));
            if (TryFactor(reversed) is { } root)
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
    public Tensor Inverse(int start, int length)
    {
        if (!_inverses.TryGetValue(length, out var blocks))
        {
            blocks = DiagonalInverses(length);
            _inverses.Add(length, blocks);
        }

        return start + length <= Root.shape[0] ? blocks.Full.select(0, start / length) : blocks.Last!.alias();
    }

    public void Dispose()
    {
        Root.Dispose();
        foreach (var (full, last) in _inverses.Values)
        {
            full.Dispose();
            last?.Dispose();
        }

        Order?.Dispose();
        Dead?.Dispose();
    }

    private static Tensor Reordered(Tensor matrix, Tensor order)
    {
        using var rows = matrix.index_select(0, order);
        return rows.index_select(1, order);
    }

    private static Tensor? TryFactor(Tensor reversed)
    {
        using var scope = NewDisposeScope();
        var (lower, info) = linalg.cholesky_ex(reversed, check_errors: false);
        var root = lower.flip(0, 1).to(ScalarType.Float32).contiguous();
        var usable = info.eq(0).logical_and(root.sum().isfinite()).logical_and(root.diagonal().gt(0).all());
        return usable.item<bool>() ? root.MoveToOuterDisposeScope() : null;
    }

    /// <summary>All blocks at once: a call for each would cost more than the work.</summary>
    private (Tensor Full, Tensor? Last) DiagonalInverses(int length)
    {
        using var scope = NewDisposeScope();
        var columns = Root.shape[0];
        var (count, rest) = (columns / length, columns % length);
        var full = Root.as_strided([count, length, length], [length * (columns + 1), columns, 1]);
        var last = rest == 0 ? null : Root.narrow(0, columns - rest, rest).narrow(1, columns - rest, rest);
        return (Inverted(full).DetachFromDisposeScope(), last is null ? null : Inverted(last).DetachFromDisposeScope());
    }

    private static Tensor Inverted(Tensor upper)
    {
        var identity = eye(upper.shape[^1], dtype: upper.dtype, device: upper.device).expand(upper.shape);
        return linalg.solve_triangular(upper, identity, upper: true).contiguous();
    }

    private static int[] Ints(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.to(ScalarType.Int32).cpu().data<int>().ToArray();
    }
}
