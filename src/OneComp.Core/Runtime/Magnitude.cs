using static TorchSharp.torch;

namespace OneComp.Runtime;

/// <summary>
/// The largest magnitude of values: one reduction, NaN where any is NaN. Not by linalg.vector_norm, whose wrapper frees the order of the norm now and
/// then before it is read ("Expected false to be true").
/// </summary>
internal static class Magnitude
{
    /// <summary>Of all values, a scalar in their type. In the caller's dispose scope.</summary>
    public static Tensor Largest(Tensor values)
    {
        using var scope = NewDisposeScope();
        var (min, max) = aminmax(values);
        return maximum(max, min.neg()).MoveToOuterDisposeScope();
    }

    /// <summary>Of each row's values, (rows), of (rows, ...). In the caller's dispose scope.</summary>
    public static Tensor LargestOfRows(Tensor values)
    {
        using var scope = NewDisposeScope();
        var (min, max) = aminmax(values.reshape(values.shape[0], -1), 1);
        return maximum(max, min.neg()).MoveToOuterDisposeScope();
    }
}
