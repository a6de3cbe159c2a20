using Microsoft.Win32.SafeHandles;

namespace OneComp.Export.Gguf;

/// <summary>
/// Writes a GGUF file, version 3: head, key-value pairs and tensor infos first, then data in any order and in pieces. The file
/// lies in a folder that appears only when it is whole, so that it has its own name from the start.
/// </summary>
internal sealed class GgufWriter : IDisposable
{
    private const uint Version = 3;
    private const long Alignment = 32; // what readers take where general.alignment is absent
    private readonly SafeFileHandle _handle;
    private readonly Dictionary<string, (GgufTensor Tensor, long Offset)> _tensors = [];
    private readonly Dictionary<string, long> _written = [];

    /// <summary>Makes the file and writes its head.</summary>
    /// <param name="path">The file.</param>
    /// <param name="metadata">The key-value pairs.</param>
    /// <param name="tensors">The tensors in the order in which they will lie.</param>
    public GgufWriter(string path, GgufMetadata metadata, IReadOnlyList<GgufTensor> tensors)
    {
        var head = Head(metadata, tensors, out var offsets);
        var start = Align(head.Length);
        foreach (var (tensor, offset) in tensors.Zip(offsets))
        {
            _tensors.Add(tensor.Name, (tensor, start + offset));
        }

        var length = start + (tensors.Count == 0 ? 0 : Align(offsets[^1] + tensors[^1].ByteCount));
        _handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, length);
        RandomAccess.SetLength(_handle, length);
        RandomAccess.Write(_handle, head, 0);
    }

    /// <summary>Bytes of the file that the constructor would lay out.</summary>
    public static long LengthOf(GgufMetadata metadata, IReadOnlyList<GgufTensor> tensors)
    {
        var start = Align(Head(metadata, tensors, out var offsets).Length);
        return start + (tensors.Count == 0 ? 0 : Align(offsets[^1] + tensors[^1].ByteCount));
    }

    /// <summary>Writes rows of a tensor, whole.</summary>
    public void Write(GgufTensor tensor, long firstRow, ReadOnlySpan<byte> rows)
    {
        var (known, offset) = _tensors[tensor.Name];
        var begin = firstRow * known.Type.RowBytes(known.Columns);
        if (begin + rows.Length > known.ByteCount)
        {
            throw new ArgumentException($"{rows.Length} bytes from row {firstRow} on lie outside {tensor.Name}", nameof(rows));
        }

        RandomAccess.Write(_handle, rows, offset + begin);
        _written[tensor.Name] = _written.GetValueOrDefault(tensor.Name) + rows.Length;
    }

    /// <summary>Checks that every tensor was written, and brings the file to the disk.</summary>
    public void Complete()
    {
        if (_tensors.Values.FirstOrDefault(entry => _written.GetValueOrDefault(entry.Tensor.Name) != entry.Tensor.ByteCount).Tensor is { } missing)
        {
            throw new InvalidOperationException($"{missing.Name} was not written whole");
        }

        RandomAccess.FlushToDisk(_handle);
    }

    public void Dispose() => _handle.Dispose();

    private static byte[] Head(GgufMetadata metadata, IReadOnlyList<GgufTensor> tensors, out long[] offsets)
    {
        var writer = new GgufBytes();
        writer.Write("GGUF"u8);
        writer.Write(Version);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)metadata.Count);
        writer.Write(metadata.Written);
        offsets = new long[tensors.Count];
        var next = 0L;
        for (var i = 0; i < tensors.Count; i++)
        {
            offsets[i] = next;
            WriteInfo(writer, tensors[i], next);
            next = Align(next + tensors[i].ByteCount);
        }

        return writer.Written.ToArray();
    }

    // Dimensions run from the one whose values lie side by side to the outermost: the other way round than in safetensors.
    private static void WriteInfo(GgufBytes writer, GgufTensor tensor, long offset)
    {
        writer.Write(tensor.Name);
        writer.Write(tensor.IsVector ? 1u : 2u);
        writer.Write((ulong)tensor.Columns);
        if (!tensor.IsVector)
        {
            writer.Write((ulong)tensor.Rows);
        }

        writer.Write((uint)tensor.Type);
        writer.Write((ulong)offset);
    }

    private static long Align(long offset) => (offset + Alignment - 1) / Alignment * Alignment;
}
