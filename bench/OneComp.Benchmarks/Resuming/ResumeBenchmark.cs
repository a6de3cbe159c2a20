using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using OneComp.Benchmarks.Measuring;

namespace OneComp.Benchmarks.Resuming;

/// <summary>
/// Kills runs at random moments and lets them go on: is the result the same to the last byte? And stops runs as Ctrl+C does: how long until
/// the prompt is back? Moments are drawn evenly over the time that a run takes undisturbed. To be started in the foreground: what a shell starts in
/// the background ignores SIGINT, and so do its children.
/// </summary>
internal static class ResumeBenchmark
{
    private const int Sigint = 130;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Run(Arguments arguments)
    {
        var (kills, stops, seed) = (arguments.Whole("--kills", 10), arguments.Whole("--stops", 10), arguments.Whole("--seed", 1));
        var folder = Directory.CreateTempSubdirectory("onecomp-resume-bench-").FullName;
        try
        {
            var (destination, log) = (Path.Combine(folder, "q"), Path.Combine(folder, "log.jsonl"));
            var (expected, runTime, wholeTime) = Undisturbed(destination, log);
            var random = new Random(seed);
            Console.Error.WriteLine($"undisturbed: {runTime:0.0} s, with measuring {wholeTime:0.0} s");
            var killed = Enumerable.Range(0, kills).Select(_ => Told(Kill(destination, log, random.NextDouble() * runTime, expected))).ToList();
            var stopped = Enumerable.Range(0, stops).Select(_ => Told(Stop(destination, log, random.NextDouble() * wholeTime, expected))).ToList();
            var json = JsonSerializer.Serialize(
                new
                {
                    Processors = Environment.ProcessorCount,
                    RunSeconds = runTime,
                    WithMeasuringSeconds = wholeTime,
                    Kills = killed,
                    KilledAndSame = killed.Count(row => row.Same),
                    Stops = stopped,
                    StoppedAndSame = stopped.Count(row => row.Same),
                    LongestSecondsToPrompt = stopped.Count > 0 ? stopped.Max(row => row.SecondsToPrompt) : 0,
                },
                Indented);
            Console.WriteLine(json);
            File.WriteAllText(arguments.Text("--out", Path.Combine("bench", "results", "resume.json")), json + "\n");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static T Told<T>(T row)
    {
        Console.Error.WriteLine(row);
        return row;
    }

    private static (SortedDictionary<string, string> Files, double RunSeconds, double WholeSeconds) Undisturbed(string destination, string log)
    {
        using var process = QuantizingProcess.Start(destination, log, measure: true);
        process.WaitForRun();
        var clock = Stopwatch.StartNew();
        var run = 0.0;
        while (!process.HasExited)
        {
            run = run == 0 && Directory.Exists(destination) ? clock.Elapsed.TotalSeconds : run;
            Thread.Sleep(5);
        }

        return (Take(destination), run, clock.Elapsed.TotalSeconds);
    }

    private static KillRow Kill(string destination, string log, double seconds, SortedDictionary<string, string> expected)
    {
        string stage;
        using (var process = QuantizingProcess.Start(destination, log, measure: false))
        {
            process.WaitForRun();
            Thread.Sleep(TimeSpan.FromSeconds(seconds));
            process.Kill();
            process.Wait();
            stage = process.Stage();
        }

        var wasDone = Directory.Exists(destination);
        return new KillRow(seconds, stage, wasDone, Same(wasDone, destination, log, expected));
    }

    private static StopRow Stop(string destination, string log, double seconds, SortedDictionary<string, string> expected)
    {
        string stage;
        TimeSpan toPrompt;
        using (var process = QuantizingProcess.Start(destination, log, measure: true))
        {
            process.WaitForRun();
            Thread.Sleep(TimeSpan.FromSeconds(seconds));
            stage = process.Stage();
            toPrompt = process.Interrupt();
            if (process.ExitCode != Sigint)
            {
                stage += $" (exit code {process.ExitCode})";
            }
        }

        var wasDone = Directory.Exists(destination);
        return new StopRow(seconds, wasDone ? "measuring" : stage, toPrompt.TotalSeconds, Same(wasDone, destination, log, expected));
    }

    private static bool Same(bool wasDone, string destination, string log, SortedDictionary<string, string> expected)
    {
        if (!wasDone)
        {
            using var process = QuantizingProcess.Start(destination, log, measure: false);
            process.Wait();
        }

        return Take(destination).SequenceEqual(expected);
    }

    /// <summary>Hashes of all files but run.json, with whatever is left beside the destination; all is deleted.</summary>
    private static SortedDictionary<string, string> Take(string destination)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(destination).Where(path => Path.GetFileName(path) != "run.json"))
        {
            files.Add(Path.GetFileName(path), Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))));
        }

        foreach (var left in Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(destination)!, ".*"))
        {
            files.Add(Path.GetFileName(left), "left over");
        }

        Directory.Delete(destination, recursive: true);
        return files;
    }

    private sealed record KillRow(double Seconds, string Stage, bool WasDone, bool Same);

    private sealed record StopRow(double Seconds, string Stage, double SecondsToPrompt, bool Same);
}
