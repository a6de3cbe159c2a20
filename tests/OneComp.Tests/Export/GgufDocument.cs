using System.Text;

namespace OneComp.Tests.Export;

/// <summary>
/// A whole GGUF file read by the published description (ggml, docs/gguf.md, and ggml's block types), with nothing of the product: every
/// byte of it is accounted for.
/// </summary>
internal sealed class GgufDocument
{
    private static readonly Dictionary<uint, (int Length, int Bytes)> Blocks = new() { [0] = (1, 4), [1] = (1, 2), [2] = (32, 18), [3] = (32, 20), [8] = (32, 34) };
    private readonly byte[] _bytes;
    private readonly long _dataStart;
    private int _at;

    public GgufDocument(string path)
    {
        _bytes = File.ReadAllBytes(path);
        Assert.Equal("GGUF", Encoding.ASCII.GetString(Take(4)));
        Assert.Equal(3u, UInt32());
        var (tensors, pairs) = (UInt64(), UInt64());
        for (ulong i = 0; i < pairs; i++)
        {
            var key = Text();
            Metadata.Add(key, Value(UInt32()));
        }

        for (ulong i = 0; i < tensors; i++)
        {
            var name = Text();
            var dimensions = Enumerable.Range(0, (int)UInt32()).Select(_ => (long)UInt64()).ToArray();
            Tensors.Add(name, (dimensions, UInt32(), (long)UInt64()));
        }

        _dataStart = Align(_at);
        var next = 0L;
        foreach (var (name, tensor) in Tensors)
        {
            Assert.True(tensor.Offset == next, $"{name} begins at {tensor.Offset}, expected {next}");
            next = Align(next + Size(tensor.Dimensions, tensor.Type));
        }

        Assert.Equal(_bytes.Length, _dataStart + next);
    }

    public Dictionary<string, object> Metadata { get; } = [];

    public Dictionary<string, (long[] Dimensions, uint Type, long Offset)> Tensors { get; } = [];

    public T Get<T>(string key) => Assert.IsType<T>(Metadata[key]);

    public string[] Texts(string key) => [.. Get<object[]>(key).Cast<string>()];

    /// <summary>A tensor's values, row by row.</summary>
    public float[] Values(string name)
    {
        var (dimensions, type, offset) = Tensors[name];
        var values = new float[dimensions.Aggregate(1L, (product, size) => product * size)];
        var (length, bytes) = Blocks[type];
        for (var block = 0; block < values.Length / length; block++)
        {
            Decode(type, _bytes.AsSpan((int)(_dataStart + offset + ((long)block * bytes)), bytes), values.AsSpan(block * length, length));
        }

        return values;
    }

    private static void Decode(uint type, ReadOnlySpan<byte> block, Span<float> values)
    {
        var d = type == 0 ? 0 : (float)BitConverter.ToHalf(block);
        switch (type)
        {
            case 0:
                values[0] = BitConverter.ToSingle(block);
                break;
            case 1:
                values[0] = d;
                break;
            case 2:
                for (var i = 0; i < 16; i++)
                {
                    values[i] = ((block[2 + i] & 15) - 8) * d;
                    values[i + 16] = ((block[2 + i] >> 4) - 8) * d;
                }

                break;
            case 3:
                var m = (float)BitConverter.ToHalf(block[2..]);
                for (var i = 0; i < 16; i++)
                {
                    values[i] = ((block[4 + i] & 15) * d) + m;
                    values[i + 16] = ((block[4 + i] >> 4) * d) + m;
                }

                break;
            default:
                for (var i = 0; i < 32; i++)
                {
                    values[i] = (sbyte)block[2 + i] * d;
                }

                break;
        }
    }

    private static long Size(long[] dimensions, uint type)
    {
        var (length, bytes) = Blocks[type];
        Assert.Equal(0, dimensions[0] % length);
        return dimensions.Aggregate(1L, (product, size) => product * size) / length * bytes;
    }

    private static long Align(long offset) => (offset + 31) / 32 * 32;

    private object Value(uint type) => type switch
    {
        4 => UInt32(),
        5 => BitConverter.ToInt32(Take(4)),
        6 => BitConverter.ToSingle(Take(4)),
        7 => Take(1)[0] == 1,
        8 => Text(),
        9 => Array(),
        _ => throw new InvalidDataException($"value type {type}"),
    };

    private object[] Array()
    {
        var type = UInt32();
        return [.. Enumerable.Range(0, (int)UInt64()).Select(_ => Value(type))];
    }

    private string Text() => Encoding.UTF8.GetString(Take((int)UInt64()));

    private uint UInt32() => BitConverter.ToUInt32(Take(4));

    private ulong UInt64() => BitConverter.ToUInt64(Take(8));

    private ReadOnlySpan<byte> Take(int count)
    {
        _at += count;
        return _bytes.AsSpan(_at - count, count);
    }
}
