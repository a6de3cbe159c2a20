using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace OneComp.Export.Gguf;

/// <summary>Bytes in the order of a GGUF file: little-endian numbers, and strings of UTF-8 after a 64-bit length.</summary>
internal sealed class GgufBytes
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void Write(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

    /// <summary>A number of 1 to 8 bytes.</summary>
    public void Write<T>(T value)
        where T : unmanaged => _bytes.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    public void Write(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        Write((ulong)bytes.Length);
        Write(bytes);
    }
}
