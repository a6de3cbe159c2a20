using System.Text.Json.Nodes;
using OneComp.Pipeline.Locking;
using OneComp.Quantization;

namespace OneComp.Pipeline.Resuming;

/// <summary>What an unfinished run needs to go on, beside the tensors that it has written.</summary>
internal sealed record RunState
{
    /// <summary>Who began it, where and when.</summary>
    public required LockOwner Begun { get; init; }

    /// <summary>The settings that must not change (<see cref="RunSettings"/>).</summary>
    public required JsonObject Settings { get; init; }

    /// <summary>The model's files.</summary>
    public required IReadOnlyList<SourceFile> Source { get; init; }

    /// <summary>Where it computed last.</summary>
    public required string Device { get; init; }

    /// <summary>Threads of the tensor library.</summary>
    public required int Threads { get; init; }

    /// <summary>Blocks of the model.</summary>
    public required int TotalBlocks { get; init; }

    /// <summary>The plan; null for one that is made again in no time.</summary>
    public StoredPlan? Plan { get; init; }

    /// <summary>SHA-256 of the calibration windows; null where none were read so far.</summary>
    public string? Windows { get; init; }

    /// <summary>Blocks whose layers are all on the disk.</summary>
    public int Blocks { get; init; }

    /// <summary>Blocks after which the calibration states are kept; null where there are none.</summary>
    public int? StatesBlocks { get; init; }

    /// <summary>Errors of finished layers, where they were asked for.</summary>
    public IReadOnlyDictionary<string, LayerErrors> Errors { get; init; } = new Dictionary<string, LayerErrors>();

    /// <summary>How often it went on.</summary>
    public int Resumed { get; init; }

    /// <summary>The fault of a state that cannot be used.</summary>
    public static RunException Invalid(string what, string? path = null, Exception? cause = null) => new(
        RunError.StateInvalid, path, $"The unfinished run{(path is null ? "" : $" of '{path}'")} cannot go on: {what}. Start anew with -Force and without -Resume.", cause);
}
