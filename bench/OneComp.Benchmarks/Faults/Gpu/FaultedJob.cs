using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using OneComp.Errors;
using OneComp.Tests.Pipeline.Memory.Shortage;

namespace OneComp.Benchmarks.Faults.Gpu;

/// <summary>One job from which memory is taken at one phase, and what comes of it.</summary>
/// <param name="jobs">The jobs.</param>
/// <param name="shortage">Takes the memory.</param>
/// <param name="files">The model's files.</param>
internal sealed partial class FaultedJob(ShortageJobs jobs, IShortage shortage, SourceFiles files)
{
    private const long Tolerated = 64 << 20;      // libraries' own workspaces, which they keep
    private const double MostDifference = 1e-3;   // of a measurement, relative

    /// <summary>A run, which goes on with -Resume where it ended by an error.</summary>
    /// <param name="phase">Where memory is taken.</param>
    /// <param name="leave">Bytes that stay.</param>
    /// <param name="needed">What the phase takes; null where unknown.</param>
    /// <param name="expected">The run that nothing was taken from.</param>
    /// <param name="destination">In a folder of its own.</param>
    public GpuFaultRow Run(ShortagePhase phase, long? leave, long? needed, Undisturbed expected, string destination)
    {
        var clock = Stopwatch.StartNew();
        var row = Try(phase, leave, needed, listener => jobs.Run(phase.Job, destination, resume: false, listener));
        var wentOn = row.Ended == "went on";
        string? second = null;
        if (!wentOn)
        {
            second = Directory.Exists(destination) ? "A RESULT IN SPITE OF THE ERROR" : Caught(() => jobs.Run(phase.Job, destination, resume: true, null));
        }

        var (same, asGood, text) = expected.Compare(destination);
        var left = ResultFolder.LeftBeside(destination);
        ResultFolder.Clear(destination);
        var mayDiffer = row.Halvings > 0 || !expected.Repeats;
        return row with
        {
            Result = second ?? (wentOn ? text : $"-Resume: {text}") + (same || !mayDiffer ? "" : row.Halvings > 0 ? " (halving changes the order of sums)" : " (as two undisturbed runs differ)"),
            LeftOver = left,
            Right = row.Right && second is null && left.Count == 0 && (same || (mayDiffer && asGood)),
            Seconds = clock.Elapsed.TotalSeconds,
        };
    }

    /// <summary>A measurement, which is taken again where it ended by an error.</summary>
    public GpuFaultRow Measure(ShortagePhase phase, long? leave, long? needed, double expected, string quantized)
    {
        var clock = Stopwatch.StartNew();
        var value = double.NaN;
        var row = Try(phase, leave, needed, listener => value = jobs.Measure(phase.Job, quantized, listener));
        var again = row.Ended == "went on" ? null : Caught(() => value = jobs.Measure(phase.Job, quantized, null));
        var difference = Math.Abs((value / expected) - 1);
        return row with
        {
            Result = again ?? (row.Ended == "went on" ? "" : "taken again: ") + (value == expected ? "the same figure" : string.Create(CultureInfo.InvariantCulture, $"figure differs by {difference:0.0e0}")),
            Right = row.Right && again is null && difference < MostDifference,
            Seconds = clock.Elapsed.TotalSeconds,
        };
    }

    private GpuFaultRow Try(ShortagePhase phase, long? leave, long? needed, Action<ShortageListener> job)
    {
        var before = shortage.FreeBytes();
        var listener = new ShortageListener(phase, () => shortage.Begin(leave ?? 0));
        Exception? fault = null;
        try
        {
            job(listener);
        }
        catch (Exception exception)
        {
            fault = exception; // whatever it is, it is reported
        }
        finally
        {
            shortage.End();
        }

        var after = shortage.FreeBytes();
        var ours = fault as OneCompException;
        var isNamed = fault is null || (ours is not null && Need().IsMatch(ours.Message) && ToDo().IsMatch(ours.Message));
        var untouched = files.AreUntouched;
        return new GpuFaultRow
        {
            Phase = phase.Name,
            Job = phase.Job.ToString(),
            Left = leave,
            Needed = needed,
            Ended = !listener.HasBegun ? "THE PHASE DID NOT COME" : fault is null ? "went on" : ours?.ErrorId ?? $"NOT OURS: {fault.GetType().Name}",
            Halvings = listener.Halvings,
            Message = fault?.Message,
            IsNamed = isNamed,
            NotFreed = before < 0 ? null : before - after,
            SourceUntouched = untouched,
            Right = listener.HasBegun && isNamed && untouched && (fault is null || Outcome.IsOutOfMemory(fault)) && before - after <= Tolerated,
        };
    }

    private static string? Caught(Action job)
    {
        try
        {
            job();
            return null;
        }
        catch (Exception exception)
        {
            return $"AGAIN, WITH MEMORY: {exception.GetType().Name}: {exception.Message}";
        }
    }

    [GeneratedRegex("needs? about [0-9]")]
    private static partial Regex Need();

    [GeneratedRegex("-(Resume|Device|MaxGpuMemoryGB)")]
    private static partial Regex ToDo();
}
