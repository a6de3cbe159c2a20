using System.Runtime.Versioning;
using OneComp.Benchmarks.Measuring;

namespace OneComp.Benchmarks.Faults;

/// <summary>
/// Faults that come into a run from outside: kills, full disks, models that change or go away, permissions, clocks, too little memory, other runs. Each is
/// brought about on a real run of OneComp.Host; what should happen is in docs/faults.md. Linux, as root: it mounts small file systems.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal static class FaultsBenchmark
{
    public static int Run(Arguments arguments)
    {
        var kind = arguments.Text("--kind", "all");
        var folder = Directory.CreateTempSubdirectory("onecomp-faults-").FullName;
        var random = new Random(arguments.Whole("--seed", 1));
        var rows = new List<FaultRow>();
        try
        {
            Add("kill", () => new KillFaults(folder, random).Run(arguments.Whole("--kills", 100)));
            Add("disk", () => new DiskFaults(folder, random).Run(arguments.Whole("--offsets", 20)));
            Add("source", () => new SourceFaults(folder, random).Run(arguments.Whole("--changes", 10)));
            Add("share", () => new ShareFaults(folder).Run());
            Add("permission", () => new PermissionFaults(folder).Run());
            Add("volume", () => new VolumeFaults(folder).Run());
            Add("clock", () => new ClockFaults(folder).Run());
            Add("memory", () => new MemoryFaults(folder).Run());
            Add("lock", () => new LockFaults(folder).Run());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return FaultTable.Finish(rows, arguments.Text("--out", Path.Combine("bench", "results", kind == "all" ? "faults.json" : $"faults-{kind}.json")));

        void Add(string name, Func<IEnumerable<FaultRow>> run)
        {
            if (kind == "all" || kind.Split(',').Contains(name))
            {
                rows.AddRange(run().Select(FaultTable.Told));
            }
        }
    }
}
