using System.Globalization;
using OneComp.Export;
using OneComp.Pipeline;
using OneComp.Pipeline.Resuming;
using OneComp.Progress;
using OneComp.Runtime;
using OneComp.Safetensors;

namespace OneComp.Estimation;

/// <summary>
/// Refuses a run that cannot end well before its long work: where the disk does not hold its result, or main memory not even what is certain to be
/// in it at once. The kernel would kill the process otherwise, without a word.
/// </summary>
public static class Preflight
{
    private const double GB = 1e9;

    // A plan that is not known yet fills its budget; rows and groups that do not divide evenly may leave some of it.
    private const double LeastOfUnknownPlan = 0.95;

    /// <summary>The run, looked at before its long work.</summary>
    /// <param name="options">The run.</param>
    /// <param name="export">The form of the result.</param>
    /// <returns>The same run. When it begins, it may throw <see cref="DestinationException"/> (DiskFull) or <see cref="RunException"/> (MemoryTooSmall).</returns>
    public static QuantizationOptions Of(QuantizationOptions options, ExportOptions export) => Of(options, export, DiskSpace.FreeAt, AvailableMemory.Now);

    /// <summary>As the other, on a machine that is described.</summary>
    /// <param name="options">The run.</param>
    /// <param name="export">The form of the result.</param>
    /// <param name="disk">Free bytes where a folder is or will be; null where that is not known.</param>
    /// <param name="memory">Main memory that can be had.</param>
    internal static QuantizationOptions Of(QuantizationOptions options, ExportOptions export, Func<string, long?> disk, Func<AvailableMemory> memory)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(export);
        return options with
        {
            BeforeRun = (run, progress, token) =>
            {
                var (forecast, shape) = Forecaster.Look(run, export, token);
                CheckDisk(run, export, forecast, disk(run.Destination));
                CheckMemory(RunMemory.Least(shape), forecast.PeakHostBytes, memory(), AvailableMemory.Own(), progress);
            },
        };
    }

    private static void CheckDisk(QuantizationOptions run, ExportOptions export, QuantizationForecast forecast, long? free)
    {
        // The checkpoint is there until its other form is complete.
        var whole = forecast.CheckpointBytes + (export.Format == ExportFormat.Gptq ? 0 : Forecaster.Look(run, export with { Format = ExportFormat.Gptq }, CancellationToken.None).Forecast.CheckpointBytes);
        var need = (long)(whole * (forecast.IsPlanKnown ? 1 : LeastOfUnknownPlan)) - There(run.Destination);
        CheckDisk(run.Destination, need, free);
    }

    /// <summary>Holds a need against the disk.</summary>
    /// <exception cref="DestinationException">DiskFull.</exception>
    internal static void CheckDisk(string destination, long need, long? free)
    {
        if (free < need)
        {
            throw new DestinationException(DestinationError.DiskFull, destination, string.Create(CultureInfo.InvariantCulture,
                $"The disk of '{destination}' has no room for the result: it needs about {need} bytes ({need / GB:0.##} GB), and {free} ({free / GB:0.##} GB) are free. Free space or choose another -Destination."));
        }
    }

    /// <summary>Holds needs against main memory.</summary>
    /// <param name="least">Bytes that are certain to be in memory at once, those of the process as it is now among them.</param>
    /// <param name="about">Bytes of the forecast.</param>
    /// <param name="available">What can be had.</param>
    /// <param name="own">Bytes that the process has already.</param>
    /// <param name="progress">Told where the forecast does not fit, which may be too high.</param>
    /// <exception cref="RunException">MemoryTooSmall.</exception>
    internal static void CheckMemory(long least, long about, AvailableMemory available, long own, IProgress<RunEvent>? progress)
    {
        var had = available.Bytes + own;
        if (least > had + available.SwapBytes)
        {
            throw new RunException(RunError.MemoryTooSmall, null, string.Create(CultureInfo.InvariantCulture,
                $"The run needs at least {least / GB:0.##} GB of main memory, and {(had + available.SwapBytes) / GB:0.##} GB can be had of {available.Bound}. Fewer or shorter windows (-NumCalibrationSamples, -MaxLength, -ResampleRounds 0) need less, and so does -Qep $false; or give it more memory."));
        }

        if (about > had)
        {
            progress?.Report(new VerboseEvent(string.Create(CultureInfo.InvariantCulture,
                $"The run may need {about / GB:0.##} GB of main memory, and {had / GB:0.##} GB can be had of {available.Bound}. The forecast is high for some models; if the system kills the run, -Resume goes on with it.")));
        }
    }

    // What an earlier part of the run has reserved already.
    private static long There(string destination)
    {
        var checkpoint = new DirectoryInfo(Path.Combine(RunFolder.PathOf(destination), "checkpoint"));
        return checkpoint.Exists ? checkpoint.EnumerateFiles().Sum(file => file.Length) : 0;
    }
}
