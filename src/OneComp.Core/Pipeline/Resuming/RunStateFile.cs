using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OneComp.Pipeline.Locking;
using OneComp.Quantization;
using OneComp.Safetensors;
using OneComp.Untrusted;

namespace OneComp.Pipeline.Resuming;

/// <summary>
/// A <see cref="RunState"/> as JSON. Whoever can write beside the destination can write it too: every value is checked as it is read,
/// and nothing of it is a path.
/// </summary>
internal static class RunStateFile
{
    private const int Version = 1;
    private const long MostBytes = 256 << 20;
    private const int MaxDepth = 32;

    /// <summary>Writes it, whole or not at all, and to the disk.</summary>
    /// <exception cref="SafetensorsException">The disk is full, or the system refuses.</exception>
    public static void Write(string path, RunState state)
    {
        var json = new JsonObject
        {
            ["state_version"] = Version,
            ["begun"] = state.Begun.ToJson(),
            ["blocks"] = state.Blocks,
            ["total_blocks"] = state.TotalBlocks,
            ["states_blocks"] = state.StatesBlocks,
            ["device"] = state.Device,
            ["threads"] = state.Threads,
            ["resumed"] = state.Resumed,
            ["windows"] = state.Windows,
            ["settings"] = state.Settings.DeepClone(),
            ["source"] = new JsonArray([.. state.Source.Select(file => new JsonObject { ["name"] = file.Name, ["bytes"] = file.Bytes, ["modified"] = file.Modified })]),
            ["plan"] = state.Plan is { } plan ? PlanJson(plan) : null,
            ["errors"] = new JsonObject(state.Errors.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)new JsonArray(Number(pair.Value.Weight), Number(pair.Value.Output))))),
        };
        FileWriting.Replace(path, Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="RunException">StateInvalid: names the field.</exception>
    public static RunState Read(string path)
    {
        try
        {
            return Parse(new Fields(StrictJson.Parse(BoundedFile.Read(path, MostBytes), MaxDepth) as JsonObject ?? throw RunState.Invalid("its state is no JSON object", path), path));
        }
        catch (JsonException exception)
        {
            throw RunState.Invalid($"its state is no JSON ({exception.Message.TrimEnd('.')})", path, exception);
        }
        catch (IOException exception)
        {
            throw RunState.Invalid($"its state cannot be read ({exception.Message.TrimEnd('.')})", path, exception);
        }
    }

    private static RunState Parse(Fields fields)
    {
        if (fields.Whole("state_version", 0, int.MaxValue) is var version && version != Version)
        {
            throw fields.Fault("state_version", string.Create(CultureInfo.InvariantCulture, $"is {version}, expected {Version}: another version of the module wrote it"));
        }

        var total = fields.Whole("total_blocks", 1, 100_000);
        var blocks = fields.Whole("blocks", 0, total);
        return new RunState
        {
            Begun = LockOwner.Parse(fields.Bytes("begun")) ?? throw fields.Fault("begun", "does not say who began the run"),
            Settings = fields.Object("settings"),
            Source = [.. fields.List("source").Select(file => new SourceFile(file.Text("name"), file.Long("bytes"), file.Text("modified")))],
            Device = fields.Text("device"),
            Threads = fields.Whole("threads", 1, 1 << 20),
            TotalBlocks = total,
            Plan = fields.Has("plan") ? Plan(fields.Inner("plan")) : null,
            Windows = fields.Has("windows") ? fields.Text("windows") : null,
            Blocks = blocks,
            StatesBlocks = fields.Has("states_blocks") ? fields.Whole("states_blocks", 1, blocks) : null,
            Errors = fields.Pairs("errors").ToDictionary(pair => pair.Name, pair => new LayerErrors(pair.First, pair.Second)),
            Resumed = fields.Whole("resumed", 0, int.MaxValue),
        };
    }

    private static StoredPlan Plan(Fields plan) => new(
        plan.Has("solver") ? plan.Text("solver") : null,
        plan.Has("gap") ? plan.Real("gap") : null,
        plan.Has("solve_seconds") ? plan.Real("solve_seconds") : null,
        [.. plan.List("layers").Select(layer => new StoredChoice(
            layer.Text("layer"),
            layer.Has("candidate") ? layer.Whole("candidate", 0, int.MaxValue) : null,
            layer.Has("dbf_bits") ? layer.Real("dbf_bits") : null,
            layer.Has("cost") ? layer.Real("cost") : null,
            layer.Has("costs") ? layer.Reals("costs") : null))]);

    private static JsonObject PlanJson(StoredPlan plan) => new()
    {
        ["solver"] = plan.Solver,
        ["gap"] = Number(plan.ProvenGap),
        ["solve_seconds"] = Number(plan.SolveSeconds),
        ["layers"] = new JsonArray([.. plan.Layers.Select(choice => new JsonObject
        {
            ["layer"] = choice.Layer,
            ["candidate"] = choice.Candidate,
            ["dbf_bits"] = Number(choice.DbfBits),
            ["cost"] = Number(choice.Cost),
            ["costs"] = choice.Costs is { } costs ? new JsonArray([.. costs.Select(cost => Number(cost))]) : null,
        })]),
    };

    private static JsonValue? Number(double? value) => value is { } number && double.IsFinite(number) ? JsonValue.Create(number) : null;
}
