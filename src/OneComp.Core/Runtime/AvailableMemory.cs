using System.Globalization;

namespace OneComp.Runtime;

/// <summary>Main memory that this process can still have, and what sets the bound.</summary>
/// <param name="Bytes">What can be had, beside what the process has already. Caches that the system would give up count.</param>
/// <param name="SwapBytes">Free room to swap to.</param>
/// <param name="Bound">What sets the bound, for messages: <c>the machine</c>, or the control group and its limit.</param>
internal sealed record AvailableMemory(long Bytes, long SwapBytes, string Bound)
{
    private const string Machine = "the machine";

    /// <summary>As it is now: the least of what the machine, and on Linux each control group (versions 1 and 2) that the process is in, leaves.</summary>
    public static AvailableMemory Now()
    {
        if (!OperatingSystem.IsLinux())
        {
            return new AvailableMemory(HostProcessor.Describe().FreeMemoryBytes, 0, Machine);
        }

        // Not what .NET says there is, which is the bound of its own heap: tensors are not in that.
        var machine = new AvailableMemory(Kibibytes("/proc/meminfo", "MemAvailable:"), Kibibytes("/proc/meminfo", "SwapFree:"), Machine);
        return OfGroups("/proc/self/cgroup", "/sys/fs/cgroup") is { } groups && groups.Bytes < machine.Bytes ? groups with { SwapBytes = machine.SwapBytes } : machine;
    }

    /// <summary>
    /// Memory that the process has already and that counts as its own: without its files' pages, which the system would give up, where it tells
    /// them apart.
    /// </summary>
    public static long Own() => OperatingSystem.IsLinux() ? Kibibytes("/proc/self/status", "RssAnon:") : Environment.WorkingSet;

    /// <summary>What the control groups of a process leave; null where none has a limit.</summary>
    /// <param name="membership">Its file of groups, as proc(5) and cgroups(7) have it.</param>
    /// <param name="root">Where control groups are mounted.</param>
    internal static AvailableMemory? OfGroups(string membership, string root)
    {
        AvailableMemory? least = null;
        foreach (var line in Lines(membership))
        {
            // "0::/a/b" in version 2, "5:memory:/a/b" in version 1
            if (line.Split(':', 3) is not [_, var controllers, var path] || !(controllers.Length == 0 || controllers.Split(',').Contains("memory")))
            {
                continue;
            }

            var second = controllers.Length == 0;
            var top = second ? root : Path.Combine(root, "memory");
            for (var group = path.Trim('/'); ; group = Path.GetDirectoryName(group) ?? "")
            {
                if (Left(Path.Combine(top, group), second) is { } left && (least is null || left.Bytes < least.Bytes))
                {
                    least = left;
                }

                if (group.Length == 0)
                {
                    break;
                }
            }
        }

        return least;
    }

    private static AvailableMemory? Left(string folder, bool second)
    {
        if (Number(Path.Combine(folder, second ? "memory.max" : "memory.limit_in_bytes")) is not { } limit
            || Number(Path.Combine(folder, second ? "memory.current" : "memory.usage_in_bytes")) is not { } used
            || limit > long.MaxValue / 2) // how version 1 says that there is none
        {
            return null;
        }

        // Cached pages of files are counted as used, and given up when room is needed.
        var caches = Lines(Path.Combine(folder, "memory.stat"))
            .Select(line => line.Split(' '))
            .Where(words => words is [var name, _] && name is "inactive_file" or "active_file")
            .Sum(words => long.Parse(words[1], CultureInfo.InvariantCulture));
        return new AvailableMemory(
            Math.Max(0, limit - Math.Max(0, used - caches)), 0, string.Create(CultureInfo.InvariantCulture, $"the control group '{folder}' with its limit of {limit / 1e9:0.##} GB"));
    }

    private static long Kibibytes(string file, string field) =>
        Lines(file).FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal)) is { } line
        && long.TryParse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number * 1024
            : 0;

    private static long? Number(string file) =>
        Lines(file) is [var line] && long.TryParse(line.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string[] Lines(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllLines(file) : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return []; // a container may hide them
        }
    }
}
