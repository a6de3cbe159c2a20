using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace OneComp.Safetensors;

/// <summary>Makes the header of a file to write, and with it each tensor's place.</summary>
internal static class HeaderWriter
{
    private const int Alignment = 8;

    /// <summary>The size prefix and the JSON, padded with spaces so that the data begins at a multiple of 8.</summary>
    /// <param name="tensors">In the order in which their data will lie.</param>
    /// <param name="metadata">Written first, ordered by key; nothing is written when it is null or empty.</param>
    /// <param name="path">The file, for entries and messages.</param>
    /// <param name="entries">Each tensor with its place in the file.</param>
    public static byte[] Write(
        IReadOnlyList<TensorSpec> tensors,
        IReadOnlyDictionary<string, string>? metadata,
        string path,
        out Dictionary<string, TensorEntry> entries)
    {
        entries = Place(tensors, path);
        var buffer = new ArrayBufferWriter<byte>();

        // Leaves letters outside ASCII as they are: no browser reads this.
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 }) WriteMetadata(json, metadata, path);
            foreach (TensorSpec tensor in tensors) WriteTensor(json, entries[tensor.Name]);
            json.WriteEndObject();
        }

        int size = (buffer.WrittenCount + Alignment - 1) / Alignment * Alignment;
        if (size > SafetensorsHeader.MaxSize)
        {
            throw new SafetensorsException(SafetensorsError.HeaderTooLarge, path,
                $"The header of '{path}' would have {size} bytes; at most {SafetensorsHeader.MaxSize} are allowed. "
                + "Spread the tensors over more files.");
        }

        var header = new byte[SafetensorsHeader.PrefixSize + size];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)size);
        Span<byte> text = header.AsSpan(SafetensorsHeader.PrefixSize);
        buffer.WrittenSpan.CopyTo(text);
        text[buffer.WrittenCount..].Fill((byte)' ');
        foreach ((string name, TensorEntry entry) in entries)
        {
            entries[name] = entry with { Offset = entry.Offset + header.Length };
        }

        return header;
    }

    // Offsets relative to the data buffer: its start is known only when the header is written.
    private static Dictionary<string, TensorEntry> Place(IReadOnlyList<TensorSpec> tensors, string path)
    {
        var entries = new Dictionary<string, TensorEntry>(StringComparer.Ordinal);
        long offset = 0;
        foreach (TensorSpec tensor in tensors)
        {
            CheckText(tensor.Name, path);
            if (tensor.Name == HeaderParser.MetadataName)
            {
                throw new SafetensorsException(SafetensorsError.NameNotAllowed, path,
                    $"A tensor of '{path}' is named {HeaderParser.MetadataName}; the format keeps that name for itself.");
            }

            long bytes = TensorSize.InBytes(tensor.Name, tensor.DType, tensor.Shape, path);
            if (!entries.TryAdd(tensor.Name, new TensorEntry(tensor.Name, tensor.DType, tensor.Shape, path, offset, bytes)))
            {
                throw new SafetensorsException(SafetensorsError.DuplicateName, path,
                    $"Tensor {Quoted.Text(tensor.Name)} is to be written twice to '{path}'.");
            }

            // Room for the largest header is kept, so that no file offset can overflow.
            if (bytes > long.MaxValue - SafetensorsHeader.MaxSize - SafetensorsHeader.PrefixSize - offset)
            {
                throw new SafetensorsException(SafetensorsError.ShapeOverflow, path,
                    $"The tensors of '{path}' up to {Quoted.Text(tensor.Name)} need more bytes than fit 64 bits.");
            }

            offset += bytes;
        }

        return entries;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata, string path)
    {
        json.WriteStartObject(HeaderParser.MetadataName);
        foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            CheckText(key, path);
            CheckText(value, path);
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter json, TensorEntry tensor)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", DTypes.NameOf(tensor.DType));
        json.WriteStartArray("shape");
        foreach (long dimension in tensor.Shape) json.WriteNumberValue(dimension);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(tensor.Offset);
        json.WriteNumberValue(tensor.Offset + tensor.ByteCount);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Half a surrogate pair would be written as another character, and the name would not be found again.
    private static void CheckText(string text, string path)
    {
        if (Utf8.FromUtf16(text, new byte[text.Length * 3], out _, out _, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            throw new SafetensorsException(SafetensorsError.NameNotAllowed, path,
                $"The text {Quoted.Text(text)} for '{path}' has half a surrogate pair and cannot be written as UTF-8.");
        }
    }
}
