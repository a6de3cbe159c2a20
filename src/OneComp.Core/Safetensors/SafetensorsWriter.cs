namespace OneComp.Safetensors;

/// <summary>
/// Writes a safetensors file: the header first, then data in any order and in pieces, so that no tensor has to be in memory
/// whole. The file has a temporary name in the same folder until <see cref="Commit"/>; <see cref="Dispose"/> without it
/// leaves nothing behind. Several threads may write at once.
/// A file that is written over several runs keeps its temporary name between them (<see cref="Continue"/>).
/// </summary>
public sealed unsafe class SafetensorsWriter : IDisposable
{
    private const int MaxPiece = 1 << 30;

    private readonly PendingFile _file;
    private readonly Dictionary<string, TensorEntry> _entries;
    private readonly Dictionary<string, WrittenRanges> _written; // its values are guarded by its lock

    private SafetensorsWriter(PendingFile file, Dictionary<string, TensorEntry> entries)
    {
        _file = file;
        _entries = entries;
        _written = entries.Keys.ToDictionary(name => name, _ => new WrittenRanges(), StringComparer.Ordinal);
    }

    /// <summary>Full path of the file after <see cref="Commit"/>.</summary>
    public string Path => _file.Path;

    /// <summary>The tensors and their places in the file.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Tensors => _entries;

    /// <summary>Makes the temporary file, reserves its room on the disk and writes the header.</summary>
    /// <param name="path">The file to write; replaced at <see cref="Commit"/> if it exists.</param>
    /// <param name="tensors">The tensors, in the order in which they will lie.</param>
    /// <param name="metadata">Becomes <c>__metadata__</c>; Hugging Face loaders expect <c>format</c> = <c>pt</c>.</param>
    /// <exception cref="SafetensorsException">A tensor cannot be described, or the file cannot be made.</exception>
    public static SafetensorsWriter Create(
        string path, IReadOnlyList<TensorSpec> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        string fullPath = System.IO.Path.GetFullPath(path);
        byte[] header = HeaderWriter.Write(tensors, metadata, fullPath, out Dictionary<string, TensorEntry> entries);
        long length = header.Length + entries.Values.Sum(entry => entry.ByteCount);
        return new SafetensorsWriter(PendingFile.Create(fullPath, header, length), entries);
    }

    /// <summary>
    /// As <see cref="Create"/>, for a file that is written over several runs: it goes on with what an earlier one left, and
    /// <see cref="Dispose"/> leaves it for the next.
    /// </summary>
    /// <param name="path">The file to write.</param>
    /// <param name="tensors">The tensors, in the order in which they will lie.</param>
    /// <param name="metadata">Becomes <c>__metadata__</c>.</param>
    /// <param name="found">Whether there was such a file with the same tensors in the same places; else it was made anew.</param>
    internal static SafetensorsWriter Continue(
        string path, IReadOnlyList<TensorSpec> tensors, IReadOnlyDictionary<string, string>? metadata, out bool found)
    {
        string fullPath = System.IO.Path.GetFullPath(path);
        byte[] header = HeaderWriter.Write(tensors, metadata, fullPath, out Dictionary<string, TensorEntry> entries);
        long length = header.Length + entries.Values.Sum(entry => entry.ByteCount);
        return new SafetensorsWriter(PendingFile.Continue(fullPath, header, length, out found), entries);
    }

    /// <summary>Whether every byte of a tensor was written.</summary>
    internal bool IsWritten(string name)
    {
        TensorEntry entry = Require(name);
        lock (_written) return _written[name].Count == entry.ByteCount;
    }

    /// <summary>Says that an earlier run wrote a tensor.</summary>
    internal void MarkWritten(string name)
    {
        TensorEntry entry = Require(name);
        lock (_written) _written[name].Add(0, entry.ByteCount);
    }

    /// <summary>Writes a whole tensor.</summary>
    /// <param name="name">One of <see cref="Tensors"/>.</param>
    /// <param name="data">Exactly as long as the tensor; row-major, little-endian.</param>
    /// <exception cref="SafetensorsException">
    /// <see cref="SafetensorsError.TensorNotFound"/>, <see cref="SafetensorsError.PieceOutsideTensor"/>, or writing failed.
    /// </exception>
    public void Write(string name, ReadOnlySpan<byte> data)
    {
        TensorEntry entry = Require(name);
        if (data.Length != entry.ByteCount) throw Outside(entry, $"{data.Length} bytes were given for the whole of it");
        WritePiece(entry, 0, data);
    }

    /// <summary>Writes a part of a tensor. A part may be written again; the last one counts.</summary>
    /// <param name="name">One of <see cref="Tensors"/>.</param>
    /// <param name="offset">Where the piece goes, in bytes from the tensor's first.</param>
    /// <param name="piece">Any length that stays inside the tensor.</param>
    /// <exception cref="SafetensorsException">As for the whole tensor.</exception>
    public void Write(string name, long offset, ReadOnlySpan<byte> piece)
    {
        TensorEntry entry = Require(name);
        if (offset < 0 || piece.Length > entry.ByteCount - offset)
        {
            throw Outside(entry, $"{piece.Length} bytes were given from byte {offset} on");
        }

        WritePiece(entry, offset, piece);
    }

    /// <summary>Writes a whole tensor, also one over 2 GiB.</summary>
    /// <param name="name">One of <see cref="Tensors"/>.</param>
    /// <param name="data">As many bytes as the tensor has; the caller sees to that.</param>
    /// <exception cref="SafetensorsException">As for the whole tensor.</exception>
    public void Write(string name, byte* data)
    {
        TensorEntry entry = Require(name);
        if (entry.ByteCount > 0) ArgumentNullException.ThrowIfNull(data);
        for (long offset = 0; offset < entry.ByteCount; offset += MaxPiece)
        {
            WritePiece(entry, offset, new ReadOnlySpan<byte>(data + offset, (int)Math.Min(MaxPiece, entry.ByteCount - offset)));
        }
    }

    /// <summary>Brings what was written so far to the disk.</summary>
    /// <exception cref="SafetensorsException">Writing failed.</exception>
    public void Flush()
    {
        ObjectDisposedException.ThrowIf(_file.IsClosed, this);
        _file.Flush();
    }

    /// <summary>Checks that every byte was written, brings the file to the disk and gives it its name.</summary>
    /// <exception cref="SafetensorsException"><see cref="SafetensorsError.TensorIncomplete"/>, or writing failed.</exception>
    public void Commit()
    {
        ObjectDisposedException.ThrowIf(_file.IsClosed, this);
        CheckComplete();
        _file.Commit();
    }

    /// <summary>Closes the file, and deletes it unless it was committed or another run may go on with it.</summary>
    public void Dispose() => _file.Dispose();

    private void WritePiece(TensorEntry entry, long offset, ReadOnlySpan<byte> piece)
    {
        ObjectDisposedException.ThrowIf(_file.IsClosed, this);
        _file.Write(piece, entry.Offset + offset);
        lock (_written) _written[entry.Name].Add(offset, offset + piece.Length);
    }

    private void CheckComplete()
    {
        lock (_written)
        {
            TensorEntry[] incomplete = [.. _entries.Values.Where(entry => _written[entry.Name].Count != entry.ByteCount)];
            if (incomplete.Length == 0) return;
            TensorEntry first = incomplete[0];
            throw new SafetensorsException(SafetensorsError.TensorIncomplete, Path,
                $"File '{Path}' is not complete: {incomplete.Length} of {_entries.Count} tensors lack data, the first being "
                + $"{Quoted.Text(first.Name)} with {_written[first.Name].Count} of {first.ByteCount} bytes written.");
        }
    }

    private TensorEntry Require(string name) => _entries.TryGetValue(name, out TensorEntry? entry)
        ? entry
        : throw new SafetensorsException(SafetensorsError.TensorNotFound, Path,
            $"Tensor {Quoted.Text(name)} was not announced for '{Path}'.");

    private SafetensorsException Outside(TensorEntry entry, string what) => new(SafetensorsError.PieceOutsideTensor, Path,
        $"Tensor {Quoted.Text(entry.Name)} of '{Path}' has {entry.ByteCount} bytes, but {what}.");
}
