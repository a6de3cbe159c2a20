using System.Text.Json;
using System.Text.Unicode;

namespace OneComp.Safetensors;

/// <summary>Reads the JSON of a header and checks every rule of the format on it.</summary>
/// <remarks>Source: the format section of the safetensors README (huggingface/safetensors).</remarks>
internal static class HeaderParser
{
    public const string MetadataName = "__metadata__";

    // A well-formed header is three deep; the rest is room for fields that we pass over.
    private const int MaxDepth = 16;

    /// <summary>Parses and checks.</summary>
    /// <param name="json">The header's bytes, without the 8 bytes of its size.</param>
    /// <param name="path">The file, for entries and messages.</param>
    /// <param name="dataStart">Where the data buffer begins in the file.</param>
    /// <param name="dataLength">Bytes of the data buffer.</param>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, string path, long dataStart, long dataLength)
    {
        if (!Utf8.IsValid(json)) throw Fault(SafetensorsError.HeaderNotUtf8, "is not UTF-8");
        if (json.IsEmpty || json[0] != (byte)'{') throw Fault(SafetensorsError.HeaderNotObject, "does not begin with '{'");

        var tensors = new Dictionary<string, TensorEntry>(StringComparer.Ordinal);
        Dictionary<string, string>? metadata = null;
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                reader.Read();
                if (tensors.Count >= SafetensorsHeader.MaxTensors)
                {
                    throw Fault(SafetensorsError.TooManyTensors, $"names more than {SafetensorsHeader.MaxTensors} tensors");
                }

                if (name == MetadataName)
                {
                    if (metadata is not null) throw Duplicate(name);
                    metadata = ParseMetadata(ref reader);
                }
                else if (!tensors.TryAdd(name, ParseTensor(ref reader, name)))
                {
                    throw Duplicate(name);
                }
            }

            // Reads to the end: only white space may follow the object.
            reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string with half a surrogate pair.
            throw Fault(SafetensorsError.HeaderNotJson, $"is not JSON ({e.Message})", e);
        }

        DataLayout.Check(tensors.Values, path, dataStart, dataLength);
        return new SafetensorsHeader(tensors, metadata ?? []);

        TensorEntry ParseTensor(ref Utf8JsonReader reader, string name)
        {
            var fields = new TensorFields(name, path);
            fields.Read(ref reader);
            long bytes = TensorSize.InBytes(name, fields.Type, fields.Shape, path);
            DataLayout.CheckOffsets(name, fields.Begin, fields.End, bytes, path, dataLength);
            return new TensorEntry(name, fields.Type, fields.Shape, path, dataStart + fields.Begin, bytes);
        }

        Dictionary<string, string> ParseMetadata(ref Utf8JsonReader reader)
        {
            const string Expected = "has a __metadata__ that is not a JSON object of strings";
            if (reader.TokenType != JsonTokenType.StartObject) throw Fault(SafetensorsError.MetadataIllTyped, Expected);
            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string key = reader.GetString()!;
                reader.Read();
                if (reader.TokenType != JsonTokenType.String)
                {
                    throw Fault(SafetensorsError.MetadataIllTyped, $"{Expected}: see {Quoted.Text(key)}");
                }

                if (!values.TryAdd(key, reader.GetString()!)) throw Duplicate(key);
            }

            return values;
        }

        SafetensorsException Duplicate(string name) =>
            Fault(SafetensorsError.DuplicateName, $"has the name {Quoted.Text(name)} twice");

        SafetensorsException Fault(SafetensorsError error, string what, Exception? cause = null) =>
            new(error, path, $"The header of '{path}' {what}. The file is damaged or not a safetensors file.", cause);
    }
}
