using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OneComp.Quantization.Dbf;

/// <summary>A seed for each layer: what a layer draws depends on nothing but the seed and its name, so order and threads do not matter.</summary>
internal static class LayerSeed
{
    /// <summary>The first 63 bits of the SHA-256 of seed and name.</summary>
    public static ulong Of(int seed, string layer)
    {
        var name = Encoding.UTF8.GetBytes(layer);
        var text = new byte[sizeof(int) + name.Length];
        BinaryPrimitives.WriteInt32LittleEndian(text, seed);
        name.CopyTo(text, sizeof(int));
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(text)) >> 1;
    }
}
