using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace OneComp.Safetensors;

/// <summary>What a file says of itself: 8 bytes of size (little-endian), then that many bytes of JSON.</summary>
internal sealed record SafetensorsHeader(
    IReadOnlyDictionary<string, TensorEntry> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Bytes before the JSON.</summary>
    public const int PrefixSize = 8;

    /// <summary>The format's cap on the JSON.</summary>
    public const int MaxSize = 100_000_000;

    /// <summary>Tensors of a file: of the largest models all together have some hundred thousands.</summary>
    public const int MaxTensors = 1_000_000;

    /// <summary>Reads and checks the header; allocates nothing by the file's numbers before they are checked.</summary>
    public static SafetensorsHeader Read(SafeFileHandle handle, long fileLength, string path)
    {
        if (fileLength < PrefixSize)
        {
            throw new SafetensorsException(SafetensorsError.FileTooShort, path,
                $"File '{path}' has {fileLength} bytes; a safetensors file begins with {PrefixSize} bytes "
                + "that give the size of its header.");
        }

        Span<byte> prefix = stackalloc byte[PrefixSize];
        ReadExactly(handle, prefix, 0);
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (size > MaxSize)
        {
            throw new SafetensorsException(SafetensorsError.HeaderTooLarge, path,
                $"File '{path}' claims a header of {size} bytes; at most {MaxSize} are allowed. "
                + "It is damaged or not a safetensors file.");
        }

        if (size > (ulong)(fileLength - PrefixSize))
        {
            throw new SafetensorsException(SafetensorsError.HeaderBeyondFile, path,
                $"File '{path}' claims a header of {size} bytes but has only {fileLength - PrefixSize} "
                + $"after the first {PrefixSize}. It is cut short or damaged.");
        }

        var json = new byte[size];
        ReadExactly(handle, json, PrefixSize);
        long dataStart = PrefixSize + json.Length;
        return HeaderParser.Parse(json, path, dataStart, fileLength - dataStart);
    }

    private static void ReadExactly(SafeFileHandle handle, Span<byte> buffer, long offset)
    {
        while (!buffer.IsEmpty)
        {
            int count = RandomAccess.Read(handle, buffer, offset);
            if (count == 0) throw new EndOfStreamException($"the file ended at byte {offset}; another program is changing it.");
            buffer = buffer[count..];
            offset += count;
        }
    }
}
