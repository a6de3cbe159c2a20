using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace OneComp.Pipeline.Locking;

/// <summary>Tells a process from a later one that got the same number.</summary>
internal static class ProcessIdentity
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";
    private const int StartTimeField = 20; // of /proc/<pid>/stat, counted after the name: field 22 of proc(5)

    /// <summary>Text for a process that runs, of this boot and start; null where no such process runs.</summary>
    /// <remarks>
    /// On Linux it is made of the boot's id and the start in ticks since boot: a start time by the clock would change with the clock. An
    /// empty text says that the process runs, but that this user may not learn when it began.
    /// </remarks>
    public static string? Of(int processId)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
                var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return fields[0] is "Z" or "X" ? null : $"{File.ReadAllText(BootIdFile).Trim()}:{fields[StartTimeField - 1]}";
            }

            using var process = Process.GetProcessById(processId);
            return process.HasExited ? null : process.StartTime.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or FileNotFoundException or DirectoryNotFoundException)
        {
            return null; // it is not there, or ended while it was looked at
        }
        catch (Exception exception) when (exception is Win32Exception or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return "";
        }
    }
}
