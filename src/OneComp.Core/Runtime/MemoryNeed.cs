using System.Globalization;
using TorchSharp;

namespace OneComp.Runtime;

/// <summary>Says what the smallest piece of some work takes of a device, and what would fit.</summary>
internal static class MemoryNeed
{
    private const double Giga = 1e9;

    /// <summary>Of a window taken alone.</summary>
    /// <param name="device">The device.</param>
    /// <param name="length">Tokens of the window.</param>
    /// <param name="bytesPerToken">What each takes.</param>
    /// <param name="option">What makes windows shorter: <c>-MaxLength</c>.</param>
    /// <param name="beside">What is there beside it.</param>
    public static string OfWindow(torch.Device device, int length, long bytesPerToken, string option, params (string What, long Bytes)[] beside)
    {
        var isGpu = device.type == DeviceType.CUDA;
        var rest = beside.Sum(term => term.Bytes);
        var all = rest + (bytesPerToken * length);
        var shorter = (Room(device, isGpu) - rest) / Math.Max(1, bytesPerToken);
        var terms = string.Join(", ", beside.Append(("the window", bytesPerToken * length)).Select(term => $"{GB(term.Item2)} for {term.Item1}"));
        return string.Create(CultureInfo.InvariantCulture, $"A window of {length} tokens, alone, needs about {GB(isGpu ? GpuOverhead.Taken(all) : all)} GB: {terms}.")
            + (shorter >= 2 && shorter < length ? string.Create(CultureInfo.InvariantCulture, $" Windows of up to {(long)shorter} tokens would fit ({option}).") : "");
    }

    /// <summary>Of something that is not made of windows.</summary>
    public static string Of(torch.Device device, string what, long bytes) =>
        $"{what} needs about {GB(device.type == DeviceType.CUDA ? GpuOverhead.Taken(bytes) : bytes)} GB.";

    private static double Room(torch.Device device, bool isGpu)
    {
        var total = ComputeDevices.Find(device)?.TotalMemoryBytes ?? 0;
        return isGpu ? GpuOverhead.Room(GpuMemoryLimit.Within(total)) : total;
    }

    /// <summary>Bytes in GB: tenths, and thousandths of what is less than one.</summary>
    public static string GB(double bytes) => (bytes / Giga).ToString(bytes < Giga ? "0.0##" : "0.0", CultureInfo.InvariantCulture);
}
