namespace OneComp.Models;

/// <summary>A tensor that a model consists of.</summary>
/// <param name="Name">Name in the checkpoint.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Kind">What it is for.</param>
public sealed record ModelTensor(string Name, IReadOnlyList<long> Shape, TensorKind Kind)
{
    /// <summary>Number of elements.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, size) => checked(product * size));
}
