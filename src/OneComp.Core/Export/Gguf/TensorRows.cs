using System.Runtime.InteropServices;
using OneComp.Safetensors;

namespace OneComp.Export.Gguf;

/// <summary>Reads rows of a plain tensor as float32, so that an embedding is never in memory whole.</summary>
internal static class TensorRows
{
    /// <summary>Reads rows into <paramref name="values"/>, which is exactly as long.</summary>
    public static void Read(Checkpoint checkpoint, TensorEntry entry, long firstRow, long columns, Span<float> values)
    {
        var size = DTypes.SizeOf(entry.DType);
        var offset = firstRow * columns * size;
        if (entry.DType == DType.F32)
        {
            checkpoint.CopyTo(entry, offset, MemoryMarshal.AsBytes(values));
            return;
        }

        var stored = new ushort[values.Length];
        checkpoint.CopyTo(entry, offset, MemoryMarshal.AsBytes(stored.AsSpan()));
        if (entry.DType == DType.BF16)
        {
            for (var i = 0; i < stored.Length; i++)
            {
                values[i] = BitConverter.UInt32BitsToSingle((uint)stored[i] << 16);
            }
        }
        else
        {
            for (var i = 0; i < stored.Length; i++)
            {
                values[i] = (float)BitConverter.UInt16BitsToHalf(stored[i]);
            }
        }
    }
}
