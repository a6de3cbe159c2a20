using System.Globalization;

namespace OneComp.Benchmarks.Faults;

/// <summary>Memory of a process, as Linux tells it.</summary>
/// <param name="Resident">Bytes resident: its own and of files that it has mapped.</param>
/// <param name="PeakResident">The most of that so far.</param>
/// <param name="Own">Of them, its own (anonymous).</param>
/// <param name="Threads">Threads.</param>
/// <param name="Handles">Open file descriptors.</param>
internal sealed record ProcessMemory(long Resident, long PeakResident, long Own, int Threads, int Handles)
{
    /// <summary>As it is now; null where the process has ended.</summary>
    public static ProcessMemory? Of(int processId)
    {
        var folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}");
        try
        {
            var lines = File.ReadAllLines(folder + "/status");
            return new ProcessMemory(
                Field(lines, "VmRSS:") * 1024,
                Field(lines, "VmHWM:") * 1024,
                Field(lines, "RssAnon:") * 1024,
                (int)Field(lines, "Threads:"),
                Directory.GetFileSystemEntries(folder + "/fd").Length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }

    private static long Field(string[] lines, string name) =>
        long.Parse(lines.First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
}
