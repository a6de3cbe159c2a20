using System.Buffers.Binary;
using System.Text;
using OneComp.Formats;
using OneComp.Safetensors;

namespace OneComp.Export.Gguf;

/// <summary>The head of a GGUF file: its metadata, and where its tensors lie.</summary>
internal sealed class GgufHead
{
    private const uint Version = 3;
    private const int LongestText = 1 << 26;
    private const int MostTensors = 1_000_000;
    private const int MostPairs = 100_000;
    private const int DeepestList = 8;
    private const long MostAlignment = 1 << 20;
    private readonly Stream _stream;
    private readonly string _path;

    private GgufHead(Stream stream, string path) => (_stream, _path) = (stream, path);

    /// <summary>Values by key: strings, numbers as double, truth values; of a list, how many it has (long).</summary>
    public Dictionary<string, object> Metadata { get; } = [];

    /// <summary>The tensors, and how far into the data each begins.</summary>
    public List<(GgufTensor Tensor, long Offset)> Tensors { get; } = [];

    /// <summary>Bytes of data after the head.</summary>
    public long DataLength { get; private set; }

    /// <summary>Reads a file's head.</summary>
    /// <exception cref="QuantizedFormatException">It is no GGUF file of version 3, cut short, or has a tensor of another type than is written here.</exception>
    public static GgufHead Read(string path)
    {
        var head = (GgufHead?)null;
        try
        {
            using var stream = new BufferedStream(File.OpenRead(path), 1 << 16);
            head = new GgufHead(stream, path);
            head.Read();
            return head;
        }
        catch (EndOfStreamException)
        {
            throw head!.Fault("ends within its head");
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Reading(path, exception);
        }
    }

    private void Read()
    {
        Span<byte> magic = stackalloc byte[4];
        _stream.ReadExactly(magic);
        if (!magic.SequenceEqual("GGUF"u8) || UInt32() != Version)
        {
            throw Fault($"does not begin as a GGUF file of version {Version}");
        }

        var (tensors, pairs) = (UInt64(), UInt64());
        if (tensors > MostTensors || pairs > MostPairs)
        {
            throw Fault($"claims {tensors} tensors and {pairs} values; at most {MostTensors} and {MostPairs} are read");
        }

        for (ulong i = 0; i < pairs; i++)
        {
            var key = Text();
            Metadata[key] = Value(UInt32(), 0);
        }

        for (ulong i = 0; i < tensors; i++)
        {
            ReadTensor();
        }

        var alignment = Metadata.GetValueOrDefault("general.alignment") is double given ? given is >= 1 and <= MostAlignment ? (long)given : throw Fault($"gives {given} as general.alignment") : 32;
        DataLength = _stream.Length - ((_stream.Position + alignment - 1) / alignment * alignment);
    }

    private void ReadTensor()
    {
        var (name, dimensions) = (Text(), UInt32());
        if (dimensions is < 1 or > 2)
        {
            throw Fault($"gives the tensor {name} {dimensions} dimensions");
        }

        var columns = Size(name, "columns");
        var rows = dimensions == 2 ? Size(name, "rows") : 1;
        if (Math.BigMul(rows, columns) > long.MaxValue / sizeof(double))
        {
            throw Fault($"gives the tensor {name} {rows} x {columns} elements, which no file holds");
        }

        var type = (GgufTensorType)UInt32();
        if (!Enum.IsDefined(type) || (type.IsBlocks() && columns % GgufTensorTypes.BlockLength != 0))
        {
            throw Fault($"gives the tensor {name} the type {type} with {columns} columns, which is not written here");
        }

        Tensors.Add((new GgufTensor(name, type, rows, columns, dimensions == 1), Size(name, "bytes before it")));
    }

    private object Value(uint type, int depth) => type switch
    {
        0 => (double)Bytes(1)[0],
        1 => (double)(sbyte)Bytes(1)[0],
        2 => (double)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2)),
        3 => (double)BinaryPrimitives.ReadInt16LittleEndian(Bytes(2)),
        4 => (double)UInt32(),
        5 => (double)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4)),
        6 => (double)BinaryPrimitives.ReadSingleLittleEndian(Bytes(4)),
        7 => Bytes(1)[0] != 0,
        8 => Text(),
        9 => List(depth + 1),
        10 => (double)UInt64(),
        11 => (double)BinaryPrimitives.ReadInt64LittleEndian(Bytes(8)),
        12 => BinaryPrimitives.ReadDoubleLittleEndian(Bytes(8)),
        _ => throw Fault($"has a value of the unknown type {type}"),
    };

    private long List(int depth)
    {
        if (depth > DeepestList)
        {
            throw Fault($"has lists nested deeper than {DeepestList}");
        }

        var (type, count) = (UInt32(), Size("a list", "elements"));
        for (long i = 0; i < count; i++)
        {
            Value(type, depth);
        }

        return count;
    }

    private string Text()
    {
        var length = UInt64();
        return length <= LongestText && length <= (ulong)(_stream.Length - _stream.Position)
            ? Encoding.UTF8.GetString(Bytes((int)length))
            : throw Fault($"has a text of {length} bytes, beyond {LongestText} or its end");
    }

    private long Size(string of, string what)
    {
        var size = UInt64();
        return size <= long.MaxValue ? (long)size : throw Fault($"gives {of} {size} {what}");
    }

    private uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    private ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _stream.ReadExactly(bytes);
        return bytes;
    }

    private QuantizedFormatException Fault(string what) => new(QuantizedFormatError.FileInvalid, _path, $"'{_path}' {what}.");
}
