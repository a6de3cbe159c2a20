namespace OneComp.Calibration.Parquet;

/// <summary>
/// Reads Thrift's compact protocol into values by field number, and refuses what is of another type than its shape says: a library that does not look
/// at types reads on at the wrong place. Lists cannot claim more elements than there are bytes.
/// </summary>
internal sealed class ThriftReader(ReadOnlyMemory<byte> data)
{
    private const int MaxDepth = 16;
    private const int MostVarintBytes = 10;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>Reads a struct: long for whole numbers and truth values, bytes for texts and fractions, lists and structs.</summary>
    /// <exception cref="InvalidDataException">It breaks off, or is of another shape.</exception>
    public Dictionary<int, object> Struct(ThriftShape? shape, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException("its metadata is nested too deep.");
        }

        var fields = new Dictionary<int, object>();
        var id = 0;
        while (Next() is var head and not 0)
        {
            id = head >> 4 is var step and not 0 ? id + step : checked((short)Whole());
            var type = (ThriftType)(head & 15);
            var field = shape?.GetValueOrDefault(id);
            if (field is not null && field.Type != (type == ThriftType.False ? ThriftType.True : type))
            {
                throw new InvalidDataException($"field {id} of its metadata is of type {type}, expected {field.Type}.");
            }

            fields[id] = Value(type, field, depth);
        }

        return fields;
    }

    private object Value(ThriftType type, ThriftField? field, int depth)
    {
        switch (type)
        {
            case ThriftType.True: return 1L;
            case ThriftType.False: return 0L;
            case ThriftType.Byte: return (long)Next();
            case ThriftType.I16 or ThriftType.I32 or ThriftType.I64: return Whole();
            case ThriftType.Double: return Bytes(sizeof(double));
            case ThriftType.Binary: return Bytes((long)Varint());
            case ThriftType.List or ThriftType.Set: return List(field, depth + 1);
            case ThriftType.Struct: return Struct(field?.Shape, depth + 1);
            default: throw new InvalidDataException($"its metadata has a value of type {type}.");
        }
    }

    private List<object> List(ThriftField? field, int depth)
    {
        var head = Next();
        var (count, type) = (head >> 4 is var small and not 15 ? (ulong)small : Varint(), (ThriftType)(head & 15));
        if (count > (ulong)(data.Length - Position) || depth > MaxDepth || (field?.Element is { } expected && expected != type && count > 0))
        {
            throw new InvalidDataException($"its metadata has a list of {count} {type}.");
        }

        var values = new List<object>();
        for (ulong i = 0; i < count; i++)
        {
            values.Add(type is ThriftType.True or ThriftType.False ? (long)Next() : Value(type, field, depth));
        }

        return values;
    }

    private long Whole()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1); // zigzag
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var i = 0; i < MostVarintBytes; i++)
        {
            var next = Next();
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("its metadata has a number of over 64 bits.");
    }

    private ReadOnlyMemory<byte> Bytes(long count)
    {
        if (count < 0 || count > data.Length - Position)
        {
            throw new InvalidDataException("its metadata breaks off.");
        }

        Position += (int)count;
        return data.Slice(Position - (int)count, (int)count);
    }

    private byte Next() => Position < data.Length ? data.Span[Position++] : throw new InvalidDataException("its metadata breaks off.");
}
