using static TorchSharp.torch;

namespace OneComp.Runtime;

/// <summary>
/// The largest magnitude of values, NaN where any is NaN, without a copy of them. Not by linalg.vector_norm, whose wrapper frees the order of the norm
/// now and then before it is read ("Expected false to be true"), nor by aminmax, which copies.
/// </summary>
internal static class Magnitude
{
    /// <summary>Of all values, a scalar in their type. In the caller's dispose scope.</summary>
    public static Tensor Largest(Tensor values)
    {
        using var scope = NewDisposeScope();
        return maximum(values.max(), values.min().neg()).MoveToOuterDisposeScope();
    }

    /// <summary>Of each row's values, (rows), of (rows, ...). In the caller's dispose scope.</summary>
    public static Tensor LargestOfRows(Tensor values)
    {
        using var scope = NewDisposeScope();
        long[] inner = [.. Enumerable.Range(1, (int)values.dim() - 1)];
        return maximum(values.amax(inner), values.amin(inner).neg()).MoveToOuterDisposeScope();
    }
}
