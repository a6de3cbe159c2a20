using static TorchSharp.torch;

namespace OneComp.Quantization.Hessians;

/// <summary>Inverses of the blocks on the diagonal of an upper triangular matrix, made at the first call for a length. Owns its tensors.</summary>
/// <param name="root">R, (d_in, d_in), contiguous; borrowed.</param>
internal sealed class DiagonalInverses(Tensor root) : IDisposable
{
    private readonly Dictionary<int, (Tensor Full, Tensor? Last)> _byLength = [];

    /// <summary>The inverse of the block from <paramref name="start"/>, which <paramref name="length"/> divides, to as many later or the last.</summary>
    /// <returns>(n, n), contiguous, which the caller owns.</returns>
    public Tensor Of(int start, int length)
    {
        if (!_byLength.TryGetValue(length, out var blocks))
        {
            blocks = All(length);
            _byLength.Add(length, blocks);
        }

        return start + length <= root.shape[0] ? blocks.Full.select(0, start / length) : blocks.Last!.alias();
    }

    public void Dispose()
    {
        foreach (var (full, last) in _byLength.Values)
        {
            full.Dispose();
            last?.Dispose();
        }
    }

    /// <summary>All blocks at once: a call for each would cost more than the work.</summary>
    private (Tensor Full, Tensor? Last) All(int length)
    {
        using var scope = NewDisposeScope();
        var columns = root.shape[0];
        var (count, rest) = (columns / length, columns % length);
        var full = root.as_strided([count, length, length], [length * (columns + 1), columns, 1]);
        var last = rest == 0 ? null : root.narrow(0, columns - rest, rest).narrow(1, columns - rest, rest);
        return (Inverted(full).DetachFromDisposeScope(), last is null ? null : Inverted(last).DetachFromDisposeScope());
    }

    private static Tensor Inverted(Tensor upper)
    {
        var identity = eye(upper.shape[^1], dtype: upper.dtype, device: upper.device).expand(upper.shape);
        return linalg.solve_triangular(upper, identity, upper: true).contiguous();
    }
}
