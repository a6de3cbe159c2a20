using System.Text.Json;
using OneComp.Untrusted;

namespace OneComp.Safetensors;

/// <summary>Reads model.safetensors.index.json: which file of the folder holds which tensor.</summary>
internal static class ShardIndex
{
    private const int MaxDepth = 16;

    /// <summary>The index's <c>weight_map</c>: tensor name to a plain file name.</summary>
    /// <exception cref="SafetensorsException">The index is unreadable or breaks a rule.</exception>
    public static Dictionary<string, string> Read(string path)
    {
        byte[] json = ReadFile(path);
        Dictionary<string, string>? map = null;
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) throw Fault(SafetensorsError.IndexNotJson, "is not a JSON object");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isMap = reader.ValueTextEquals("weight_map");
                reader.Read();
                if (!isMap)
                {
                    reader.Skip();
                    continue;
                }

                if (map is not null) throw Fault(SafetensorsError.IndexDuplicateName, "has weight_map twice");
                map = ReadMap(ref reader);
            }

            // Reads to the end: only white space may follow the object.
            reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Fault(SafetensorsError.IndexNotJson, $"is not JSON ({e.Message})", e);
        }

        return map ?? throw Fault(SafetensorsError.IndexMapMissing, "has no weight_map");

        Dictionary<string, string> ReadMap(ref Utf8JsonReader reader)
        {
            const string Expected = "has a weight_map that is not a JSON object of file names";
            if (reader.TokenType != JsonTokenType.StartObject) throw Fault(SafetensorsError.IndexMapIllTyped, Expected);
            var shards = new Dictionary<string, string>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string tensor = reader.GetString()!;
                reader.Read();
                if (reader.TokenType != JsonTokenType.String)
                {
                    throw Fault(SafetensorsError.IndexMapIllTyped, $"{Expected}: see {Quoted.Text(tensor)}");
                }

                string shard = reader.GetString()!;
                if (!PlainName.Is(shard))
                {
                    throw Fault(
                        SafetensorsError.IndexShardOutsideFolder,
                        $"names {Quoted.Text(shard)} for tensor {Quoted.Text(tensor)}; it must be in the same folder");
                }

                if (shards.Count >= SafetensorsHeader.MaxTensors)
                {
                    throw Fault(SafetensorsError.TooManyTensors, $"names more than {SafetensorsHeader.MaxTensors} tensors");
                }

                if (!shards.TryAdd(tensor, shard))
                {
                    throw Fault(SafetensorsError.IndexDuplicateName, $"names tensor {Quoted.Text(tensor)} twice");
                }
            }

            return shards;
        }

        SafetensorsException Fault(SafetensorsError error, string what, Exception? cause = null) =>
            new(error, path, $"The index '{path}' {what}.", cause);
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            FolderLinks.Require(Path.GetDirectoryName(Path.GetFullPath(path))!, path);
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > SafetensorsHeader.MaxSize)
            {
                throw new SafetensorsException(SafetensorsError.IndexTooLarge, path,
                    $"The index '{path}' has {stream.Length} bytes; at most {SafetensorsHeader.MaxSize} are allowed.");
            }

            var json = new byte[stream.Length];
            stream.ReadExactly(json);
            return json;
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.Reading(path, e);
        }
    }
}
