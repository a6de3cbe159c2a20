using System.Globalization;
using OneComp.Benchmarks.Faults;

namespace OneComp.Benchmarks.Load;

/// <summary>Runs one after another in one session: what the process holds after each. It warms up in the first ones; from then on it should be flat.</summary>
internal static class RepeatedRuns
{
    private const int WarmUp = 5;
    private const double MB = 1e6;
    private const double MostGrowth = 1.10; // of memory, over the runs after the warm-up

    // After each run the session says what it holds: managed memory after a collection, and what the system says of the process.
    private const string Script = """
        foreach ($run in 1..RUNS) {
            $null = 2, 3, 4 | New-GptqQuantizer -GroupSize 64 -Preset Reference | New-AutoBitQuantizer -TargetBit 3 -NumCalibSamples 2 -CalibSeqLen 64 |
                Invoke-OneCompQuantization ./examples/models/tiny-llama 'DESTINATION' -NumCalibrationSamples 16 -MaxLength 64 -ResampleRounds 1 -Device cpu -Force
            $managed = [GC]::GetTotalMemory($true)
            $own = 0
            foreach ($line in [IO.File]::ReadAllLines('/proc/self/status')) { if ($line.StartsWith('RssAnon:')) { $own = [long]$line.Substring(8).Replace('kB', '').Trim() * 1024 } }
            $process = [Diagnostics.Process]::GetCurrentProcess()
            "$run $managed $own $($process.WorkingSet64) $($process.Threads.Count) $([IO.Directory]::GetFileSystemEntries('/proc/self/fd').Length) $([IO.File]::ReadAllLines('/proc/self/maps').Length)"
        }
        """;

    public static IEnumerable<FaultRow> Run(string folder, int runs)
    {
        using var host = HostCommand.Run(Script.Replace("RUNS", runs.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("DESTINATION", Path.Combine(folder, "repeated"), StringComparison.Ordinal));
        var rows = host.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Session.Parse).OfType<Session>().ToList();
        foreach (var row in rows)
        {
            Console.Error.WriteLine(row);
        }

        if (host.ExitCode != 0 || rows.Count != runs)
        {
            yield return new FaultRow("repeat", $"{runs} runs in one session", runs, rows.Count, $"exit code {host.ExitCode}: {host.FirstError()}");
            yield break;
        }

        var (early, middle, late) = (rows[Math.Min(WarmUp, runs) - 1], rows[runs / 2 - 1], rows[^1]);
        yield return Flat("managed memory after a collection, MB", row => row.Managed / MB, MostGrowth);
        yield return Flat("own memory of the process, MB", row => row.Own / MB, MostGrowth);
        yield return Flat("resident memory, MB", row => row.Resident / MB, MostGrowth);
        yield return Flat("threads", row => row.Threads, 1.2);
        yield return Flat("open files", row => row.Files, 1.0);
        yield return Flat("mapped regions", row => row.Regions, MostGrowth);

        FaultRow Flat(string what, Func<Session, double> of, double growth) => new(
            "repeat", what, 1, of(late) <= of(early) * growth ? 1 : 0,
            string.Create(CultureInfo.InvariantCulture, $"{of(early):0.#} after run {early.Run}, {of(middle):0.#} after {middle.Run}, {of(late):0.#} after {late.Run}; most {rows.Max(of):0.#}"));
    }

    private sealed record Session(int Run, long Managed, long Own, long Resident, int Threads, int Files, int Regions)
    {
        public static Session? Parse(string line)
        {
            var words = line.Trim().Split(' ');
            return words.Length == 7 && words.All(word => long.TryParse(word, out _))
                ? new Session(Whole(0), Number(1), Number(2), Number(3), Whole(4), Whole(5), Whole(6))
                : null;

            long Number(int at) => long.Parse(words[at], CultureInfo.InvariantCulture);
            int Whole(int at) => int.Parse(words[at], CultureInfo.InvariantCulture);
        }
    }
}
