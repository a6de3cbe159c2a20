using OneComp.Benchmarks.Faults;
using OneComp.Benchmarks.Measuring;

namespace OneComp.Benchmarks.Load;

/// <summary>
/// Runs in numbers and models in extremes: many runs in one session, several at once, a checkpoint far larger than the memory it may
/// take, and the smallest and deepest of models and paths. Linux; the large checkpoint needs root for its limit of memory.
/// </summary>
internal static class LoadBenchmark
{
    public static int Run(Arguments arguments)
    {
        var kind = arguments.Text("--kind", "all");
        var folder = Directory.CreateDirectory(arguments.Text("--folder", Path.Combine(Path.GetTempPath(), $"onecomp-load-{Environment.ProcessId}"))).FullName;
        var rows = new List<FaultRow>();
        try
        {
            Add("repeat", () => RepeatedRuns.Run(folder, arguments.Whole("--runs", 50)));
            Add("parallel", () => ParallelRuns.Run(folder, arguments.Whole("--at-once", 4)));
            Add("extremes", () => ExtremeModels.Run(folder));
            Add("large", () => LargeCheckpoint.Run(folder, arguments));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return FaultTable.Finish(rows, arguments.Text("--out", Path.Combine("bench", "results", kind == "all" ? "load.json" : $"load-{kind}.json")));

        void Add(string name, Func<IEnumerable<FaultRow>> run)
        {
            if (kind == "all" || kind == name)
            {
                rows.AddRange(run().Select(FaultTable.Told));
            }
        }
    }
}
