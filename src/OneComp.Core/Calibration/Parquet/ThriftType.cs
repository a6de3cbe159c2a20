namespace OneComp.Calibration.Parquet;

/// <summary>Types of Thrift's compact protocol; the values are the protocol's own.</summary>
internal enum ThriftType
{
    True = 1,
    False = 2,
    Byte = 3,
    I16 = 4,
    I32 = 5,
    I64 = 6,
    Double = 7,
    Binary = 8,
    List = 9,
    Set = 10,
    Map = 11,
    Struct = 12,
}

/// <summary>A field that a struct may have.</summary>
/// <param name="Type">Its type; True stands for both truth values.</param>
/// <param name="Element">Type of a list's elements.</param>
/// <param name="Shape">The struct that it is, or that its elements are.</param>
internal sealed record ThriftField(ThriftType Type, ThriftType? Element = null, ThriftShape? Shape = null);

/// <summary>The fields of a struct by number.</summary>
internal sealed class ThriftShape : Dictionary<int, ThriftField>
{
    /// <summary>Adds fields of one type.</summary>
    public ThriftShape With(ThriftType type, params ReadOnlySpan<int> fields)
    {
        foreach (var field in fields)
        {
            this[field] = new ThriftField(type);
        }

        return this;
    }

    /// <summary>Adds fields that are structs.</summary>
    public ThriftShape With(ThriftShape shape, params ReadOnlySpan<int> fields)
    {
        foreach (var field in fields)
        {
            this[field] = new ThriftField(ThriftType.Struct, null, shape);
        }

        return this;
    }

    /// <summary>Adds a list.</summary>
    public ThriftShape WithList(int field, ThriftType element)
    {
        this[field] = new ThriftField(ThriftType.List, element);
        return this;
    }

    /// <summary>Adds a list of structs.</summary>
    public ThriftShape WithList(int field, ThriftShape shape)
    {
        this[field] = new ThriftField(ThriftType.List, ThriftType.Struct, shape);
        return this;
    }
}
