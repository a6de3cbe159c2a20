using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

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
        foreach (var file in Directory.EnumerateFiles(source).Where(IsSideFile))
        {
            var copy = Path.Combine(destination, Path.GetFileName(file));
            File.Copy(file, copy);
            File.SetAttributes(copy, FileAttributes.Normal); // a read-only source must not make an output that cannot be replaced
        }
    }

    /// <summary>Writes config.json: the source's, with a quantization_config.</summary>
    public static void WriteConfig(JsonObject source, JsonObject quantization, string destination)
    {
        var config = (JsonObject)source.DeepClone();
        config["quantization_config"] = quantization;
        WriteConfig(config, destination);
    }

    /// <summary>Writes config.json as it is.</summary>
    public static void WriteConfig(JsonObject config, string destination) => Write(Path.Combine(destination, Config), config);

    /// <summary>Writes the index of a sharded checkpoint.</summary>
    public static void WriteIndex(string destination, IReadOnlyDictionary<string, string> files, long totalBytes)
    {
        var map = new JsonObject(files.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonValue.Create(pair.Value))));
        Write(Path.Combine(destination, Index), new JsonObject
        {
            ["metadata"] = new JsonObject { ["total_size"] = totalBytes },
            ["weight_map"] = map,
        });
    }

    private static bool IsSideFile(string path)
    {
        var name = Path.GetFileName(path);
        return name is not (Config or Index or Records.FileNames.Record or Records.FileNames.Report or Records.FileNames.Card)
            && !name.StartsWith('.')
            && !WeightExtensions.Contains(Path.GetExtension(name))
            && !name.EndsWith(".index.json", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Writes indented JSON.</summary>
    internal static void Write(string path, JsonObject content) =>
        File.WriteAllText(path, content.ToJsonString(Indented) + "\n", new UTF8Encoding(false));
}
