using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace OneComp.Safetensors;

/// <summary>Something that holds named tensors and copies their bytes out: one file, or a model folder.</summary>
/// <remarks>Files are little-endian, and so is every system that .NET and libtorch run on here: bytes are copied as they are.</remarks>
public abstract unsafe class TensorSource
{
    // A multiple of every element size; small enough to stay in the cache.
    private const int ConversionBytes = 64 * 1024;

    private const long PieceBytes = 16 << 20;
    private const int Readers = 8;

    private protected TensorSource()
    {
    }

    /// <summary>All tensors by name.</summary>
    public abstract IReadOnlyDictionary<string, TensorEntry> Tensors { get; }

    /// <summary>Path of the file or folder, for messages.</summary>
    private protected abstract string Place { get; }

    /// <summary>True when a tensor of this name is there.</summary>
    public bool Contains(string name) => Tensors.ContainsKey(name);

    /// <summary>The tensor of this name.</summary>
    /// <exception cref="SafetensorsException"><see cref="SafetensorsError.TensorNotFound"/>, naming tensor and place.</exception>
    public TensorEntry Require(string name) => Tensors.TryGetValue(name, out TensorEntry? entry)
        ? entry
        : throw new SafetensorsException(SafetensorsError.TensorNotFound, Place,
            $"There is no tensor {Quoted.Text(name)} among the {Tensors.Count} of '{Place}'. "
            + "The model is incomplete or of another architecture.");

    /// <summary>Copies a whole tensor.</summary>
    /// <param name="entry">One of <see cref="Tensors"/>.</param>
    /// <param name="destination">Exactly as long as the tensor.</param>
    public void CopyTo(TensorEntry entry, Span<byte> destination)
    {
        if (destination.Length != entry.ByteCount)
        {
            throw new ArgumentException(
                $"tensor {entry.Name} has {entry.ByteCount} bytes, the destination {destination.Length}", nameof(destination));
        }

        CopyTo(entry, 0, destination);
    }

    /// <summary>Copies a part of a tensor.</summary>
    /// <param name="entry">One of <see cref="Tensors"/>.</param>
    /// <param name="offset">First byte to copy, counted from the tensor's first.</param>
    /// <param name="destination">Filled wholly.</param>
    public void CopyTo(TensorEntry entry, long offset, Span<byte> destination)
    {
        fixed (byte* start = destination)
        {
            Copy(entry, offset, start, destination.Length);
        }
    }

    /// <summary>Copies a whole tensor, also one over 2 GiB.</summary>
    /// <param name="entry">One of <see cref="Tensors"/>.</param>
    /// <param name="destination">Room for <see cref="TensorEntry.ByteCount"/> bytes; the caller sees to that.</param>
    public void CopyTo(TensorEntry entry, byte* destination)
    {
        if (entry.ByteCount > 0) ArgumentNullException.ThrowIfNull(destination);
        long pieces = (entry.ByteCount + PieceBytes - 1) / PieceBytes;
        if (pieces <= 1)
        {
            Copy(entry, 0, destination, entry.ByteCount);
            return;
        }

        // One thread that maps pages in and out of the cache is slower than memory, and than good disks.
        try
        {
            Parallel.For(0L, pieces, new ParallelOptions { MaxDegreeOfParallelism = Readers }, piece =>
            {
                long offset = piece * PieceBytes;
                Copy(entry, offset, destination + offset, Math.Min(PieceBytes, entry.ByteCount - offset));
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    /// <summary>A tensor's bytes.</summary>
    /// <exception cref="SafetensorsException"><see cref="SafetensorsError.TensorTooLarge"/>: over 2 GiB.</exception>
    public byte[] ReadBytes(TensorEntry entry)
    {
        var bytes = new byte[ArrayLength(entry, entry.ByteCount)];
        CopyTo(entry, 0, bytes);
        return bytes;
    }

    /// <summary>A tensor's values, from I32 or I64.</summary>
    /// <exception cref="SafetensorsException">
    /// <see cref="SafetensorsError.DTypeUnexpected"/>: another type;
    /// <see cref="SafetensorsError.ValueOutOfRange"/>: an I64 value beyond 32 bits.
    /// </exception>
    public int[] ReadInt32(TensorEntry entry)
    {
        if (entry.DType is not (DType.I32 or DType.I64)) throw Unexpected(entry, "I32 or I64");
        var values = new int[ArrayLength(entry, entry.ElementCount)];
        if (entry.DType == DType.I32)
        {
            fixed (int* start = values)
            {
                Copy(entry, 0, (byte*)start, entry.ByteCount);
            }

            return values;
        }

        ForEachPiece(entry, (first, piece) =>
        {
            Span<int> target = values.AsSpan(first);
            ReadOnlySpan<long> source = MemoryMarshal.Cast<byte, long>(piece);
            for (int i = 0; i < source.Length; i++)
            {
                target[i] = source[i] is >= int.MinValue and <= int.MaxValue ? (int)source[i] : throw OutOfRange(entry, source[i]);
            }
        });
        return values;
    }

    /// <summary>A tensor's values, from F32, F16 or BF16; every half value has its exact float.</summary>
    /// <exception cref="SafetensorsException"><see cref="SafetensorsError.DTypeUnexpected"/>: another type.</exception>
    public float[] ReadSingle(TensorEntry entry)
    {
        if (entry.DType is not (DType.F32 or DType.F16 or DType.BF16)) throw Unexpected(entry, "F32, F16 or BF16");
        var values = new float[ArrayLength(entry, entry.ElementCount)];
        if (entry.DType == DType.F32)
        {
            fixed (float* start = values)
            {
                Copy(entry, 0, (byte*)start, entry.ByteCount);
            }

            return values;
        }

        bool brain = entry.DType == DType.BF16;
        ForEachPiece(entry, (first, piece) =>
        {
            Span<float> target = values.AsSpan(first);
            if (brain)
            {
                ReadOnlySpan<ushort> source = MemoryMarshal.Cast<byte, ushort>(piece);
                for (int i = 0; i < source.Length; i++) target[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
            }
            else
            {
                ReadOnlySpan<Half> source = MemoryMarshal.Cast<byte, Half>(piece);
                for (int i = 0; i < source.Length; i++) target[i] = (float)source[i];
            }
        });
        return values;
    }

    /// <summary>Copies bytes of a tensor; checks offset and count against the tensor.</summary>
    internal abstract void Copy(TensorEntry entry, long offset, byte* destination, long count);

    private delegate void PieceAction(int firstElement, ReadOnlySpan<byte> piece);

    private void ForEachPiece(TensorEntry entry, PieceAction action)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ConversionBytes);
        try
        {
            int size = DTypes.SizeOf(entry.DType);
            for (long offset = 0; offset < entry.ByteCount; offset += ConversionBytes)
            {
                Span<byte> piece = buffer.AsSpan(0, (int)Math.Min(ConversionBytes, entry.ByteCount - offset));
                CopyTo(entry, offset, piece);
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
