using System.Diagnostics;
using OneComp.Benchmarks.Measuring;
using OneComp.Tests.Pipeline.Memory.Shortage;

namespace OneComp.Benchmarks.Faults.Gpu;

/// <summary>Runs in processes of their own on one device: two at once with enough memory and with too little, one on a device that is full, two on one destination.</summary>
internal sealed class PairRuns(ShortageJobs jobs, IShortage shortage, SourceFiles files, Arguments arguments, string device, Undisturbed expected, string folder)
{
    private const long Context = 700_000_000; // about what CUDA and its libraries take for themselves

    /// <summary>Each in turn.</summary>
    /// <param name="peak">Bytes that one run takes at its peak beside CUDA's own; null where memory cannot be taken.</param>
    public IEnumerable<Func<GpuFaultRow>> Rows(long? peak)
    {
        yield return () => Two("two runs at once, two destinations", null);
        yield return SameDestination;
        if (peak is { } most)
        {
            yield return () => Two("two runs at once, two destinations", (2 * Context) + (most * 3 / 2));
            yield return () => Two("two runs at once, two destinations", (2 * Context) + (most / 2));
            yield return () => Alone("a run in a new process on a full GPU", 16 << 20);
            yield return () => Alone("a run in a new process on a full GPU", Context);
        }
    }

    private GpuFaultRow Two(string what, long? leave)
    {
        string[] destinations = [Destination("one"), Destination("two")];
        return Taken(what, leave, () =>
        {
            var runs = destinations.Select(destination => RunProcess.Start(arguments, jobs.Source, device, destination)).ToList();
            return [.. runs.Select(Ended)];
        }, destinations);
    }

    private GpuFaultRow Alone(string what, long leave)
    {
        var destination = Destination("alone");
        return Taken(what, leave, () => [Ended(RunProcess.Start(arguments, jobs.Source, device, destination))], [destination]);
    }

    private GpuFaultRow SameDestination()
    {
        var clock = Stopwatch.StartNew();
        var destination = Destination("same");
        using var first = RunProcess.Start(arguments, jobs.Source, device, destination);
        first.WaitForRun();
        var second = Ended(RunProcess.Start(arguments, jobs.Source, device, destination));
        var end = first.Wait();
        var (same, asGood, text) = expected.Compare(destination);
        var left = ResultFolder.LeftBeside(destination);
        ResultFolder.Clear(destination);
        return new GpuFaultRow
        {
            Phase = "two runs at once, one destination",
            Job = nameof(ShortageJob.Quantize),
            Ended = second.Ended,
            Message = second.Message,
            Result = $"the first {(end.Ended == "went on" ? "is done" : end.Ended)}: {text}",
            LeftOver = left,
            SourceUntouched = files.AreUntouched,
            Right = second.Ended == "DestinationLocked" && end.Ended == "went on" && (same || (!expected.Repeats && asGood)) && left.Count == 0 && files.AreUntouched,
            Seconds = clock.Elapsed.TotalSeconds,
        };
    }

    private GpuFaultRow Taken(string what, long? leave, Func<IReadOnlyList<RunProcess.End>> runs, IReadOnlyList<string> destinations)
    {
        var clock = Stopwatch.StartNew();
        var before = shortage.FreeBytes();
        IReadOnlyList<RunProcess.End> ends;
        try
        {
            if (leave is { } bytes)
            {
                shortage.Begin(bytes);
            }

            ends = runs();
        }
        finally
        {
            shortage.End();
        }

        var after = shortage.FreeBytes();
        var results = ends.Zip(destinations).Select(pair => Result(pair.First, pair.Second)).ToList();
        var left = destinations.SelectMany(ResultFolder.LeftBeside).ToList();
        foreach (var destination in destinations)
        {
            ResultFolder.Clear(destination);
        }

        var failed = ends.Where(end => end.Ended != "went on").ToList();
        return new GpuFaultRow
        {
            Phase = what,
            Job = nameof(ShortageJob.Quantize),
            Left = leave,
            Ended = failed.Count == 0 ? "went on" : string.Join(", ", ends.Select(end => end.Ended == "went on" ? "done" : end.Ended)),
            Halvings = ends.Sum(end => end.Halvings),
            Message = failed.FirstOrDefault()?.Message,
            IsNamed = ends.All(end => end.IsOurs),
            NotFreed = before < 0 ? null : before - after,
            Result = string.Join(", ", results.Select(result => result.Text)),
            LeftOver = left,
            SourceUntouched = files.AreUntouched,
            Right = failed.All(end => end.Ended == "DeviceOutOfMemory") && results.All(result => result.Right) && left.Count == 0 && files.AreUntouched,
            Seconds = clock.Elapsed.TotalSeconds,
        };
    }

    /// <summary>Holds a result against the undisturbed one; of a run that failed, what -Resume makes of it now that memory is free.</summary>
    private (bool Right, string Text) Result(RunProcess.End end, string destination)
    {
        var prefix = "";
        if (end.Ended != "went on")
        {
            prefix = "-Resume: ";
            try
            {
                jobs.Run(ShortageJob.Quantize, destination, resume: true, null);
            }
            catch (Exception exception)
            {
                return (false, $"AGAIN, WITH MEMORY: {exception.GetType().Name}: {exception.Message}");
            }
        }

        var (same, asGood, text) = expected.Compare(destination);
        return (same || (asGood && (end.Halvings > 0 || !expected.Repeats)), prefix + text);
    }

    private static RunProcess.End Ended(RunProcess run)
    {
        using (run)
        {
            return run.Wait();
        }
    }

    private string Destination(string name) => Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "pair", name)).FullName, "q");
}
