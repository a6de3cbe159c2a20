using System.Runtime.ExceptionServices;

namespace OneComp.Safetensors;

/// <summary>Something that holds named tensors and copies their bytes out: one file, or a model folder.</summary>
/// <remarks>Files are little-endian, and so is every system that .NET and libtorch run on here: bytes are copied as they are.</remarks>
public abstract unsafe class TensorSource
{
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

    /// <summary>Copies bytes of a tensor; checks offset and count against the tensor.</summary>
    internal abstract void Copy(TensorEntry entry, long offset, byte* destination, long count);
}
