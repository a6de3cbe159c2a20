using System.Globalization;

namespace OneComp.Benchmarks.Faults;

/// <summary>A control group with a limit of memory, of version 2 or 1, whichever the machine has; needs root.</summary>
internal sealed class MemoryGroup : IDisposable
{
    private const string Root = "/sys/fs/cgroup";
    private readonly string _folder;
    private readonly bool _second;

    private MemoryGroup(string folder, bool second) => (_folder, _second) = (folder, second);

    /// <summary>What stands before a command so that it works in the group.</summary>
    public IReadOnlyList<string> Before => ["/bin/sh", "-c", $"echo $$ > {_folder}/cgroup.procs && exec \"$@\"", "sh"];

    /// <summary>The most memory of the group so far, cached pages of files counted; 0 where the system does not say.</summary>
    public long PeakBytes => Number(_second ? "memory.peak" : "memory.max_usage_in_bytes");

    /// <summary>Memory that is nobody's cache, now: what cannot be taken back.</summary>
    public long OwnBytes => File.ReadLines(Path.Combine(_folder, "memory.stat"))
        .Where(line => line.StartsWith(_second ? "anon " : "rss ", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture))
        .FirstOrDefault();

    /// <summary>How often the kernel killed a process of the group for want of memory.</summary>
    public int Kills => File.ReadLines(Path.Combine(_folder, _second ? "memory.events" : "memory.oom_control"))
        .Where(line => line.StartsWith("oom_kill ", StringComparison.Ordinal))
        .Select(line => int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture))
        .FirstOrDefault();

    /// <summary>Makes a group.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="bytes">The most memory of its processes.</param>
    /// <returns>Null where the machine does not let us.</returns>
    public static MemoryGroup? Make(string name, long bytes)
    {
        try
        {
            var second = File.Exists(Path.Combine(Root, "cgroup.controllers")) && File.ReadAllText(Path.Combine(Root, "cgroup.controllers")).Contains("memory", StringComparison.Ordinal);
            var folder = second ? Path.Combine(Root, name) : Path.Combine(Root, "memory", name);
            Directory.CreateDirectory(folder);
            var group = new MemoryGroup(folder, second);
            File.WriteAllText(Path.Combine(folder, second ? "memory.max" : "memory.limit_in_bytes"), bytes.ToString(CultureInfo.InvariantCulture));
            return group;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder);
        }
        catch (IOException)
        {
            // A process is still in it; it goes with the machine.
        }
    }

    private long Number(string file) => File.Exists(Path.Combine(_folder, file)) && long.TryParse(File.ReadAllText(Path.Combine(_folder, file)).Trim(), out var number) ? number : 0;
}
