using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace OneComp.Runtime;

/// <summary>
/// What the CUDA driver tells about its GPUs (CUDA Driver API, cuDevice*). Only the driver's own library is used, which
/// is there wherever an NVIDIA driver is.
/// </summary>
internal static unsafe class CudaDriver
{
    private const int NameLength = 256;

    /// <summary>The GPUs in the driver's order, which is torch's; empty where there is no driver or no GPU.</summary>
    public static IReadOnlyList<ComputeDevice> Devices()
    {
        int count;
        if (!TryLoad(out var driver)
            || ((delegate* unmanaged<int*, int>)Export(driver, "cuDeviceGetCount"))(&count) != 0)
        {
            return [];
        }

        var version = Version(driver);
        var devices = new List<ComputeDevice>(count);
        for (var ordinal = 0; ordinal < count; ordinal++)
        {
            int device;
            if (((delegate* unmanaged<int*, int, int>)Export(driver, "cuDeviceGet"))(&device, ordinal) == 0)
            {
                devices.Add(Describe(driver, device, ordinal, version));
            }
        }

        return devices;
    }

    /// <summary>Loads and starts the driver; false where there is none or it does not start.</summary>
    internal static bool TryLoad(out nint driver) =>
        NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out driver)
        && ((delegate* unmanaged<uint, int>)Export(driver, "cuInit"))(0) == 0;

    private static ComputeDevice Describe(nint driver, int device, int ordinal, string version)
    {
        nuint total = 0;
        _ = ((delegate* unmanaged<nuint*, int, int>)Export(driver, "cuDeviceTotalMem_v2"))(&total, device);
        var busId = Text(driver, "cuDeviceGetPCIBusId", device);
        var free = NvidiaManagement.FreeMemory(busId) ?? FreeMemoryInContext(driver, device) ?? 0;
        return new ComputeDevice
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"cuda:{ordinal}"),
            DisplayName = Text(driver, "cuDeviceGetName", device),
            Backend = "CUDA",
            TotalMemoryBytes = (long)total,
            FreeMemoryBytes = Math.Min(free, (long)total),
            LibraryVersion = version,
        };
    }

    /// <summary>13000 → CUDA 13.0.</summary>
    private static string Version(nint driver)
    {
        var version = 0;
        _ = ((delegate* unmanaged<int*, int>)Export(driver, "cuDriverGetVersion"))(&version);
        return string.Create(CultureInfo.InvariantCulture, $"CUDA {version / 1000}.{version % 1000 / 10}");
    }

    private static string Text(nint driver, string function, int device)
    {
        var text = stackalloc byte[NameLength];
        text[0] = 0;
        _ = ((delegate* unmanaged<byte*, int, int, int>)Export(driver, function))(text, NameLength, device);
        return Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
    }

    /// <summary>For where NVML is missing: it starts the GPU's primary context, which takes memory of its own.</summary>
    private static long? FreeMemoryInContext(nint driver, int device)
    {
        nint context;
        if (((delegate* unmanaged<nint*, int, int>)Export(driver, "cuDevicePrimaryCtxRetain"))(&context, device) != 0)
        {
            return null;
        }

        nuint free = 0, total = 0;
        var result = ((delegate* unmanaged<nint, int>)Export(driver, "cuCtxPushCurrent_v2"))(context);
        if (result == 0)
        {
            result = ((delegate* unmanaged<nuint*, nuint*, int>)Export(driver, "cuMemGetInfo_v2"))(&free, &total);
            _ = ((delegate* unmanaged<nint*, int>)Export(driver, "cuCtxPopCurrent_v2"))(&context);
        }

        _ = ((delegate* unmanaged<int, int>)Export(driver, "cuDevicePrimaryCtxRelease_v2"))(device);
        return result == 0 ? (long)free : null;
    }

    private static nint Export(nint driver, string function) => NativeLibrary.GetExport(driver, function);
}
