using System.Text;

namespace OneComp.Tests.Calibration;

/// <summary>Thrift's compact protocol by hand, so that it can be wrong.</summary>
internal sealed class ThriftBytes
{
    private readonly List<byte> _bytes = [];
    private int _last;

    public ThriftBytes Whole(int field, long value, int type = 6) => Head(field, type).Varint((ulong)((value << 1) ^ (value >> 63)));

    public ThriftBytes Text(int field, string value)
    {
        Head(field, 8).Varint((ulong)value.Length);
        _bytes.AddRange(Encoding.ASCII.GetBytes(value));
        return this;
    }

    public ThriftBytes Struct(int field, ThriftBytes value)
    {
        Head(field, 12);
        _bytes.AddRange(value.End());
        return this;
    }

    public ThriftBytes List(int field, params ThriftBytes[] values) => ListOf(field, values.Length, values);

    /// <summary>A list that claims another number of elements than it has.</summary>
    public ThriftBytes ListOf(int field, long count, params ThriftBytes[] values)
    {
        Head(field, 9);
        _bytes.Add(0xF0 | 12);
        Varint((ulong)count);
        foreach (var value in values)
        {
            _bytes.AddRange(value.End());
        }

        return this;
    }

    /// <summary>A field of any type with what stands for its value.</summary>
    public ThriftBytes Raw(int field, int type, byte[] value)
    {
        Head(field, type);
        _bytes.AddRange(value);
        return this;
    }

    public byte[] End() => [.. _bytes, 0];

    private ThriftBytes Head(int field, int type)
    {
        _bytes.Add((byte)(((field - _last) << 4) | type));
        _last = field;
        return this;
    }

    private ThriftBytes Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
        return this;
    }
}
