using TorchSharp;

namespace OneComp.Runtime;

/// <summary>The processors of this machine.</summary>
public static class ComputeDevices
{
    /// <summary>
    /// The CPU, then each CUDA GPU in the driver's order. Reads the driver alone: it neither loads the tensor library
    /// nor fails where there is no driver.
    /// </summary>
    public static IReadOnlyList<ComputeDevice> List() => [HostProcessor.Describe(), .. CudaDriver.Devices()];

    /// <summary>
    /// Turns a name into a device: <c>cpu</c>, <c>cuda</c> (the first GPU), <c>cuda:N</c>; null, empty or <c>auto</c> is the
    /// first GPU where one is present and libtorch can use it, else the CPU. Loads the tensor library.
    /// </summary>
    /// <exception cref="DeviceException">The name is malformed, no such device can be used, or its memory has no room for CUDA.</exception>
    /// <exception cref="RuntimeLoadException">The tensor library cannot be loaded.</exception>
    public static torch.Device Parse(string? name)
    {
        TorchRuntime.EnsureLoaded();
        return Started(name, () => GpuPool.Use(torch.device(DeviceChoice.Resolve(name, [.. List().Select(device => device.Name)], TorchCanUseCuda))));
    }

    /// <summary>
    /// Turns names, by commas, into devices: <c>cuda:0,cuda:1</c>. One name alone as for <see cref="Parse"/>. A device may be named twice: two
    /// workers then share it. Loads the tensor library.
    /// </summary>
    /// <exception cref="DeviceException">A name is malformed, no such device can be used, or the CPU is named beside a GPU.</exception>
    /// <exception cref="RuntimeLoadException">The tensor library cannot be loaded.</exception>
    public static IReadOnlyList<torch.Device> ParseAll(string? names)
    {
        TorchRuntime.EnsureLoaded();
        return Started<IReadOnlyList<torch.Device>>(
            names, () => [.. DeviceChoice.ResolveAll(names, [.. List().Select(device => device.Name)], TorchCanUseCuda).Select(name => GpuPool.Use(torch.device(name)))]);
    }

    /// <summary>What is known of a device; null where it is not present.</summary>
    internal static ComputeDevice? Find(torch.Device device) => List().FirstOrDefault(known => known.Name == NameOf(device));

    /// <summary>The name that a user gives it by: <c>cpu</c>, <c>cuda:0</c>.</summary>
    internal static string NameOf(torch.Device device) => device.type == DeviceType.CPU ? "cpu" : $"cuda:{Math.Max(device.index, 0)}";

    /// <summary>The first use of a GPU in a process takes memory of it, which other programs may have.</summary>
    private static T Started<T>(string? names, Func<T> start)
    {
        try
        {
            return start();
        }
        catch (Exception exception) when (MemoryBound.IsUnnamed(exception))
        {
            var name = names?.Split(',')[0] is { } first && first.StartsWith("cuda:", StringComparison.Ordinal) ? first : "cuda:0";
            throw MemoryBound.Error(name, "when it was to be used", $"CUDA and its libraries alone need about {MemoryNeed.GB(GpuOverhead.Taken(0))} GB.", "Another -Device, or the CPU, may have room.", exception);
        }
    }

    /// <summary>TorchSharp is asked only where libtorch has a CUDA part: else it would search the NuGet cache.</summary>
    private static bool TorchCanUseCuda() => TorchRuntime.HasCuda && torch.cuda.is_available();
}
