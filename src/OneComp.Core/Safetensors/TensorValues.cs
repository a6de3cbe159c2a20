using System.Buffers;
using System.Runtime.InteropServices;

namespace OneComp.Safetensors;

/// <summary>Tensors as arrays.</summary>
public static unsafe class TensorValues
{
    // A multiple of every element size; small enough to stay in the cache.
    private const int ConversionBytes = 64 * 1024;

    /// <summary>A tensor's bytes.</summary>
    /// <exception cref="SafetensorsException"><see cref="SafetensorsError.TensorTooLarge"/>: over 2 GiB.</exception>
    public static byte[] ReadBytes(this TensorSource source, TensorEntry entry)
    {
        var bytes = new byte[ArrayLength(entry, entry.ByteCount)];
        source.CopyTo(entry, 0, bytes);
        return bytes;
    }

    /// <summary>A tensor's values, from I32 or I64.</summary>
    /// <exception cref="SafetensorsException">
    /// <see cref="SafetensorsError.DTypeUnexpected"/>: another type;
    /// <see cref="SafetensorsError.ValueOutOfRange"/>: an I64 value beyond 32 bits.
    /// </exception>
    public static int[] ReadInt32(this TensorSource source, TensorEntry entry)
    {
        if (entry.DType is not (DType.I32 or DType.I64)) throw Unexpected(entry, "I32 or I64");
        var values = new int[ArrayLength(entry, entry.ElementCount)];
        if (entry.DType == DType.I32)
        {
            fixed (int* start = values)
            {
                source.Copy(entry, 0, (byte*)start, entry.ByteCount);
            }

            return values;
        }

        ForEachPiece(source, entry, (first, piece) =>
        {
            Span<int> target = values.AsSpan(first);
            ReadOnlySpan<long> stored = MemoryMarshal.Cast<byte, long>(piece);
            for (int i = 0; i < stored.Length; i++)
            {
                target[i] = stored[i] is >= int.MinValue and <= int.MaxValue ? (int)stored[i] : throw OutOfRange(entry, stored[i]);
            }
        });
        return values;
    }

    /// <summary>A tensor's values, from F32, F16 or BF16; every half value has its exact float.</summary>
    /// <exception cref="SafetensorsException"><see cref="SafetensorsError.DTypeUnexpected"/>: another type.</exception>
    public static float[] ReadSingle(this TensorSource source, TensorEntry entry)
    {
        if (entry.DType is not (DType.F32 or DType.F16 or DType.BF16)) throw Unexpected(entry, "F32, F16 or BF16");
        var values = new float[ArrayLength(entry, entry.ElementCount)];
        if (entry.DType == DType.F32)
        {
            fixed (float* start = values)
            {
                source.Copy(entry, 0, (byte*)start, entry.ByteCount);
            }

            return values;
        }

        bool brain = entry.DType == DType.BF16;
        ForEachPiece(source, entry, (first, piece) =>
        {
            Span<float> target = values.AsSpan(first);
            if (brain)
            {
                ReadOnlySpan<ushort> stored = MemoryMarshal.Cast<byte, ushort>(piece);
                for (int i = 0; i < stored.Length; i++) target[i] = BitConverter.UInt32BitsToSingle((uint)stored[i] << 16);
            }
            else
            {
                ReadOnlySpan<Half> stored = MemoryMarshal.Cast<byte, Half>(piece);
                for (int i = 0; i < stored.Length; i++) target[i] = (float)stored[i];
            }
        });
        return values;
    }

    private delegate void PieceAction(int firstElement, ReadOnlySpan<byte> piece);

    private static void ForEachPiece(TensorSource source, TensorEntry entry, PieceAction action)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ConversionBytes);
        try
        {
            int size = DTypes.SizeOf(entry.DType);
            for (long offset = 0; offset < entry.ByteCount; offset += ConversionBytes)
            {
                Span<byte> piece = buffer.AsSpan(0, (int)Math.Min(ConversionBytes, entry.ByteCount - offset));
                source.CopyTo(entry, offset, piece);
                action((int)(offset / size), piece);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int ArrayLength(TensorEntry entry, long count) => count <= Array.MaxLength
        ? (int)count
        : throw new SafetensorsException(SafetensorsError.TensorTooLarge, entry.File,
            $"Tensor {Quoted.Text(entry.Name)} of '{entry.File}' has {count} elements to read; "
            + $"one array holds at most {Array.MaxLength}.");

    private static SafetensorsException Unexpected(TensorEntry entry, string expected) => new(
        SafetensorsError.DTypeUnexpected, entry.File,
        $"Tensor {Quoted.Text(entry.Name)} of '{entry.File}' is {DTypes.NameOf(entry.DType)}; expected {expected}.");

    private static SafetensorsException OutOfRange(TensorEntry entry, long value) => new(
        SafetensorsError.ValueOutOfRange, entry.File,
        $"Tensor {Quoted.Text(entry.Name)} of '{entry.File}' holds the value {value}, which does not fit 32 bits.");
}
