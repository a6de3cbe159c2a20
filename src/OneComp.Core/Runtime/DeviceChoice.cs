using System.Globalization;

namespace OneComp.Runtime;

/// <summary>Picks a device by name among those present.</summary>
internal static class DeviceChoice
{
    private const string Cpu = "cpu";
    private const string Cuda = "cuda";

    /// <summary>Returns the name of a device that is present and usable.</summary>
    /// <param name="name">What the user asked for; null, empty or auto for the best.</param>
    /// <param name="present">Names of the devices present.</param>
    /// <param name="canUseCuda">Whether libtorch can compute on the GPUs; asked only where it matters.</param>
    /// <exception cref="DeviceException">The name is malformed, or no such device can be used.</exception>
    public static string Resolve(string? name, IReadOnlyList<string> present, Func<bool> canUseCuda)
    {
        var asked = name?.Trim().ToLowerInvariant() ?? "";
        if (asked is "" or "auto")
        {
            return present.Contains("cuda:0") && canUseCuda() ? "cuda:0" : Cpu;
        }

        if (asked == Cpu)
        {
            return Cpu;
        }

        var device = asked == Cuda ? "cuda:0" : asked;
        if (!device.StartsWith("cuda:", StringComparison.Ordinal)
            || !int.TryParse(device.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            throw new DeviceException(
                DeviceError.NameInvalid, name!,
                $"'{name}' names no device: expected auto, cpu, cuda or cuda:N. Present: {List(present)}.");
        }

        device = string.Create(CultureInfo.InvariantCulture, $"cuda:{index}");
        if (!present.Contains(device))
        {
            throw new DeviceException(
                DeviceError.NotPresent, device, $"Device {device} is not present. Present: {List(present)}. " +
                "A GPU is listed when its NVIDIA driver is installed and CUDA_VISIBLE_DEVICES does not hide it.");
        }

        return canUseCuda() ? device : throw new DeviceException(
            DeviceError.LibraryWithoutCuda, device,
            $"Device {device} is present, but the tensor library in use cannot compute on it. " +
            $"Set {TorchRuntime.FolderVariable} to the lib folder of a PyTorch installation with CUDA, or build with " +
            $"-p:TorchBackend=cuda-windows or cuda-linux. Present: {List(present)}.");
    }

    /// <summary>Returns the names of devices that are present and usable, in the order they were asked for.</summary>
    /// <param name="names">Names by commas, as for <see cref="Resolve"/>.</param>
    /// <param name="present">Names of the devices present.</param>
    /// <param name="canUseCuda">Whether libtorch can compute on the GPUs; asked only where it matters.</param>
    /// <exception cref="DeviceException">As <see cref="Resolve"/>; or the CPU is named beside a GPU.</exception>
    public static IReadOnlyList<string> ResolveAll(string? names, IReadOnlyList<string> present, Func<bool> canUseCuda)
    {
        string[] asked = names?.Split(',') ?? [""];
        if (asked.Length > 1 && asked.FirstOrDefault(name => name.Trim().ToLowerInvariant() is "" or "auto") is not null)
        {
            throw new DeviceException(DeviceError.NameInvalid, names!, $"'{names}' does not name each device: expected names by commas, as in cuda:0,cuda:1. Present: {List(present)}.");
        }

        var devices = asked.Select(name => Resolve(name, present, canUseCuda)).ToList();
        return devices.Contains(Cpu) && devices.Any(device => device != Cpu)
            ? throw new DeviceException(DeviceError.NameInvalid, names!, $"'{names}' names the CPU beside a GPU; they compute in different types, so that one run cannot be shared by both. Name GPUs alone. Present: {List(present)}.")
            : devices;
    }

    private static string List(IReadOnlyList<string> present) => string.Join(", ", present);
}
