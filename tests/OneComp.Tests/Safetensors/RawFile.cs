using System.Buffers.Binary;
using System.Text;

namespace OneComp.Tests.Safetensors;

/// <summary>Safetensors files put together by hand, so that they can be wrong.</summary>
internal static class RawFile
{
    public static byte[] Bytes(string header, int dataLength) => Bytes(Encoding.UTF8.GetBytes(header), new byte[dataLength]);

    public static byte[] Bytes(byte[] header, byte[] data)
    {
        var size = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(size, header.Length);
        return [.. size, .. header, .. data];
    }

    /// <summary>A header with one U8 tensor of each name, one after the other, two bytes each.</summary>
    public static byte[] WithTensors(params string[] names)
    {
        IEnumerable<string> tensors = names.Select((name, i) =>
            $$"""
            "{{name}}":{"dtype":"U8","shape":[2],"data_offsets":[{{2 * i}},{{(2 * i) + 2}}]}
            """);
        return Bytes("{" + string.Join(",", tensors) + "}", 2 * names.Length);
    }
}
