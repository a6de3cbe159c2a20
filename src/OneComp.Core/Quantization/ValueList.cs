using System.Collections.ObjectModel;

namespace OneComp.Quantization;

/// <summary>
/// A list that never changes and is equal to another with the same elements: what settings hold, so that two quantizers with the same settings are
/// equal and nobody changes one through an array that it was made from.
/// </summary>
internal sealed class ValueList<T> : ReadOnlyCollection<T>, IEquatable<ValueList<T>>
{
    private ValueList(T[] items)
        : base(items)
    {
    }

    /// <summary>A list without elements.</summary>
    public static new ValueList<T> Empty { get; } = new([]);

    /// <summary>A copy of a list.</summary>
    public static ValueList<T> Of(IEnumerable<T> items) => items as ValueList<T> ?? new([.. items]);

    public bool Equals(ValueList<T>? other) => other is not null && this.SequenceEqual(other);

    public override bool Equals(object? obj) => Equals(obj as ValueList<T>);

    public override int GetHashCode() => this.Aggregate(Count, HashCode.Combine);
}
