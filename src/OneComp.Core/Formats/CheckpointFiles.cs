using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OneComp.Safetensors;

namespace OneComp.Formats;

/// <summary>The files of a model folder beside its weights.</summary>
internal static class CheckpointFiles
{
    private const string Config = "config.json";
    private const string Index = "model.safetensors.index.json";

    // Weights in any other form: stale once the layers are quantized, and often larger than the result.
    private static readonly HashSet<string> WeightExtensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".gguf", ".onnx", ".h5", ".msgpack", ".ot", ".tflite",
    };

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Copies tokenizer, generation settings, license and the like.</summary>
    public static void CopySideFiles(string source, string destination)
    {
        foreach (var file in SideFiles(source))
        {
            FolderLinks.Require(source, file);
            FileWriting.Copy(file, Path.Combine(destination, Path.GetFileName(file)));
        }
    }

    /// <summary>The files that <see cref="CopySideFiles"/> copies.</summary>
    public static IEnumerable<string> SideFiles(string source) => Directory.EnumerateFiles(source).Where(IsSideFile);

    /// <summary>Says before a run, rather than at its end, that a file beside the weights is a link to outside the folder.</summary>
    /// <exception cref="SafetensorsException">LinkOutsideFolder.</exception>
    public static void RequireSideFiles(string source)
    {
        foreach (var file in SideFiles(source))
        {
            FolderLinks.Require(source, file);
        }
    }

    /// <summary>Writes config.json: the source's, with a quantization_config.</summary>
    public static void WriteConfig(JsonObject source, JsonObject quantization, string destination) =>
        WriteConfig(ConfigOf(source, quantization), destination);

    /// <summary>A source's config.json with a quantization_config in place of its own.</summary>
    public static JsonObject ConfigOf(JsonObject source, JsonObject? quantization)
    {
        var config = (JsonObject)source.DeepClone();
        config.Remove("quantization_config");
        if (quantization is not null)
        {
            config["quantization_config"] = quantization;
        }

        return config;
    }

    /// <summary>Writes config.json as it is.</summary>
    public static void WriteConfig(JsonObject config, string destination) => Write(Path.Combine(destination, Config), config);

    /// <summary>Writes the index of a sharded checkpoint.</summary>
    public static void WriteIndex(string destination, IReadOnlyDictionary<string, string> files, long totalBytes) =>
        Write(Path.Combine(destination, Index), IndexOf(files, totalBytes));

    /// <summary>The index of a sharded checkpoint: the file of each tensor.</summary>
    public static JsonObject IndexOf(IReadOnlyDictionary<string, string> files, long totalBytes) => new()
    {
        ["metadata"] = new JsonObject { ["total_size"] = totalBytes },
        ["weight_map"] = new JsonObject(files.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonValue.Create(pair.Value)))),
    };

    private static bool IsSideFile(string path)
    {
        var name = Path.GetFileName(path);
        return name is not (Config or Index or Records.FileNames.Record or Records.FileNames.Report or Records.FileNames.Card)
            && !name.StartsWith('.')
            && !WeightExtensions.Contains(Path.GetExtension(name))
            && !name.EndsWith(".index.json", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Writes indented JSON, whole or not at all.</summary>
    /// <exception cref="SafetensorsException">The disk is full, or the system refuses.</exception>
    internal static void Write(string path, JsonObject content) => FileWriting.Replace(path, Encode(content));

    /// <summary>The bytes that <see cref="Write"/> writes.</summary>
    internal static byte[] Encode(JsonObject content) => Encoding.UTF8.GetBytes(content.ToJsonString(Indented) + "\n");
}
