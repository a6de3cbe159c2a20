using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Records;
using OneComp.Runtime.Teams;
using OneComp.Tuning;

namespace OneComp.Pipeline;

/// <summary>A run: what to quantize, with what, and where to.</summary>
public sealed record QuantizationOptions : PlanOptions
{
    /// <summary>Folder of the result.</summary>
    [FreeSetting(Recorded = true)]
    public required string Destination { get; init; }

    /// <summary>Calibration windows for quantizing; null for 128, or as many as there are in the text that comes with the module.</summary>
    public int? NumCalibrationSamples { get; init; }

    /// <summary>Tokens of a window; null for 2048, or the model's context where that is shorter.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Error propagation; null for none. It acts on plans with a layer that is calibrated.</summary>
    public ErrorPropagation? Qep { get; init; } = new();

    /// <summary>
    /// Rounds in which the model rewrites the calibration windows token by token; layers are quantized with all that come of it. Null for
    /// as many as <see cref="Memory.RoundsByMemory"/> says.
    /// </summary>
    public int? ResampleRounds { get; init; }

    /// <summary>Tuning of scales and codes when every layer is quantized; null for as many steps as the quantizer asks for.</summary>
    public TuningOptions? Tuning { get; init; }

    /// <summary>Called with the plan before the long work; may refuse it by throwing.</summary>
    internal Action<QuantizationPlan>? AcceptPlan { get; init; }

    /// <summary>Called before each share of a device's work, on the thread that does it.</summary>
    internal Action<DeviceWorker>? BeforeWork { get; init; }

    /// <summary>Called before the long work, with the windows' length known; may refuse the run by throwing.</summary>
    internal Action<QuantizationOptions, IProgress<RunEvent>, CancellationToken>? BeforeRun { get; init; }

    /// <summary>True to replace what is at the destination.</summary>
    [FreeSetting]
    public bool Force { get; init; }

    /// <summary>
    /// True to go on with the unfinished run at the destination, where there is one. The settings must be those that it was begun with, but
    /// for the device and where to log.
    /// </summary>
    [FreeSetting]
    public bool Resume { get; init; }

    /// <summary>File that gets a line of JSON for each event (docs/logs.md), after those that are there; null for none.</summary>
    [FreeSetting]
    public string? LogPath { get; init; }

    /// <summary>
    /// What writing calibration states may take of the time: after a block whose states are not written, a run that goes on walks through it
    /// once more.
    /// </summary>
    internal double StatesShare { get; init; } = 0.05;

    /// <summary>How the run tunes.</summary>
    internal TuningOptions TuningOrDefault() => Tuning ?? new TuningOptions { Steps = Quantizer.StepsToTune };
}
