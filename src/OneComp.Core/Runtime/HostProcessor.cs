using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;

namespace OneComp.Runtime;

/// <summary>The CPU and main memory.</summary>
internal static class HostProcessor
{
    /// <summary>Describes the CPU. Reads only metadata of TorchSharp, so no native library is loaded.</summary>
    public static ComputeDevice Describe()
    {
        var memory = GC.GetGCMemoryInfo();
        var total = memory.TotalAvailableMemoryBytes;
        return new ComputeDevice
        {
            Name = "cpu",
            DisplayName = $"{ModelName()} ({Environment.ProcessorCount} threads)",
            Backend = "CPU",
            TotalMemoryBytes = total,
            FreeMemoryBytes = Math.Clamp(AvailableBytes() ?? total - memory.MemoryLoadBytes, 0, total),
            LibraryVersion = $"TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)}",
        };
    }

    private static string ModelName() =>
        ReadField("/proc/cpuinfo", "model name")
        ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
        ?? RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>MemAvailable of Linux, which counts caches the system would give up; null elsewhere.</summary>
    private static long? AvailableBytes() =>
        ReadField("/proc/meminfo", "MemAvailable") is { } field
        && long.TryParse(field.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes)
            ? kibibytes * 1024
            : null;

    private static string? ReadField(string file, string name)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(file))
        {
            return null;
        }

        var line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
