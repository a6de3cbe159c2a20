using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using OneComp.Formats;
using OneComp.Quantization;
using OneComp.Safetensors;
using OneComp.Untrusted;

namespace OneComp.Records;

/// <summary>
/// onecomp.json: what made a folder, with every setting, versions and seed, so that the run can be repeated, and a hash of each
/// file, so that it can be told whether they are still what was made.
/// </summary>
internal sealed class RunRecord
{
    private const int Version = 1;
    private const string GivenRows = nameof(Pipeline.PlanOptions.Assignment);

    private RunRecord(JsonObject json) => Json = json;

    /// <summary>The whole record.</summary>
    public JsonObject Json { get; }

    /// <summary>How each layer was quantized, as names and values; empty where the record has none.</summary>
    public JsonArray Assignment => Run?["assignment"] as JsonArray ?? [];

    /// <summary>The record of the quantization: this one, or the one that an export holds.</summary>
    public JsonObject? Run => Json["quantization"] as JsonObject;

    /// <summary>The record of an export; null where the folder was not exported.</summary>
    public JsonObject? Export => Json["export"] as JsonObject;

    /// <summary>Perplexities that were measured and recorded.</summary>
    public JsonArray Evaluations => Json["evaluations"] as JsonArray ?? [];

    /// <summary>Sizes and hashes by file name.</summary>
    public JsonObject Files => Json["files"] as JsonObject ?? [];

    /// <summary>The record of a quantization.</summary>
    /// <param name="options">Every setting.</param>
    /// <param name="seed">Seed of whatever is drawn at random.</param>
    /// <param name="rows">How each layer was quantized.</param>
    public static RunRecord OfQuantization(object options, int seed, IReadOnlyList<LayerAssignment> rows) => new(new JsonObject
    {
        ["record_version"] = Version,
        ["quantization"] = new JsonObject
        {
            ["versions"] = Versions(),
            ["seed"] = seed,
            ["settings"] = Settings(options),
            ["assignment"] = new JsonArray([.. rows.Select(Row)]),
        },
    });

    /// <summary>The record of an export, with that of the folder that it was made from.</summary>
    public static RunRecord OfExport(object options, RunRecord? source)
    {
        var json = new JsonObject { ["record_version"] = Version };
        if (source?.Run is { } run)
        {
            json["quantization"] = run.DeepClone();
        }

        json["export"] = new JsonObject { ["versions"] = Versions(), ["settings"] = SettingsJson.Of(options) };
        return new RunRecord(json);
    }

    /// <summary>Reads a folder's record; null where there is none, or none that is JSON, or it is a link to elsewhere.</summary>
    public static RunRecord? Read(string folder)
    {
        var path = Path.Combine(folder, FileNames.Record);
        try
        {
            return File.Exists(path) && FolderLinks.IsAllowed(folder, path) && StrictJson.Parse(BoundedFile.Read(path)) is JsonObject json ? new RunRecord(json) : null;
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            return null;
        }
    }

    /// <summary>Adds what a measurement gave.</summary>
    public void Add(JsonObject evaluation)
    {
        if (Json["evaluations"] is not JsonArray list)
        {
            Json["evaluations"] = list = [];
        }

        list.Add(evaluation);
    }

    /// <summary>Hashes the folder's files and writes the record among them, whole or not at all.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="token">Asked between pieces of files.</param>
    /// <param name="known">Hashes by file name that were made before; null for none.</param>
    public void Write(string folder, CancellationToken token, IReadOnlyDictionary<string, string>? known = null)
    {
        Json["files"] = FileHashes.Of(folder, token, known);
        Save(folder);
    }

    /// <summary>The bytes that <see cref="Write"/> would write for files of these names and sizes.</summary>
    public long SizeFor(IEnumerable<KeyValuePair<string, long>> files)
    {
        var json = (JsonObject)Json.DeepClone();
        json["files"] = FileHashes.Placeholder(files);
        return CheckpointFiles.Encode(json).LongLength;
    }

    /// <summary>As <see cref="Write"/> where one file alone has changed since.</summary>
    public void WriteAfter(string folder, string changed, CancellationToken token)
    {
        Json["files"]![changed] = FileHashes.OfFile(Path.Combine(folder, changed), token);
        Save(folder);
    }

    private void Save(string folder)
    {
        var path = Path.Combine(folder, FileNames.Record);
        CheckpointFiles.Write(path, Json);
    }

    // The rows that a plan was given are its result too, which stands beside the settings.
    private static JsonObject Settings(object options)
    {
        var settings = (JsonObject)SettingsJson.Of(options)!;
        if (settings[GivenRows] is JsonArray)
        {
            settings[GivenRows] = "given";
        }

        return settings;
    }

    /// <summary>Versions of everything that a result depends on.</summary>
    public static JsonObject Versions() => new()
    {
        ["onecomp"] = typeof(RunRecord).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
        ["torchsharp"] = typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(),
        ["dotnet"] = Environment.Version.ToString(),
        ["system"] = RuntimeInformation.RuntimeIdentifier,
    };

    private static JsonObject Row(LayerAssignment row) => new()
    {
        ["layer"] = row.Layer,
        ["quantizer"] = row.Quantizer,
        ["bits"] = row.Bits,
        ["group_size"] = row.GroupSize,
        ["effective_bits"] = row.EffectiveBits,
        ["parameters"] = row.Parameters,
        ["error"] = double.IsFinite(row.Error) ? row.Error : null,
        ["weight_error"] = row.WeightError,
        ["output_error"] = row.OutputError,
    };
}
