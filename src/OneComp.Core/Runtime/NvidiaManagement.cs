using System.Runtime.InteropServices;
using System.Text;

namespace OneComp.Runtime;

/// <summary>Free GPU memory from NVML, which needs no context on the GPU (NVML API, nvmlDeviceGetMemoryInfo).</summary>
internal static unsafe class NvidiaManagement
{
    /// <summary>Free bytes of the GPU at a PCI bus id; null where NVML is missing or does not know it.</summary>
    public static long? FreeMemory(string busId)
    {
        var name = OperatingSystem.IsWindows() ? "nvml.dll" : "libnvidia-ml.so.1";
        if (!NativeLibrary.TryLoad(name, out var library)
            || ((delegate* unmanaged<int>)NativeLibrary.GetExport(library, "nvmlInit_v2"))() != 0)
        {
            return null;
        }

        try
        {
            nint device;
            var id = Encoding.ASCII.GetBytes(busId + '\0');
            fixed (byte* text = id)
            {
                var find = NativeLibrary.GetExport(library, "nvmlDeviceGetHandleByPciBusId_v2");
                if (((delegate* unmanaged<byte*, nint*, int>)find)(text, &device) != 0)
                {
                    return null;
                }
            }

            var memory = stackalloc ulong[3]; // nvmlMemory_t: total, free, used
            var read = (delegate* unmanaged<nint, ulong*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetMemoryInfo");
            return read(device, memory) == 0 ? (long)memory[1] : null;
        }
        finally
        {
            _ = ((delegate* unmanaged<int>)NativeLibrary.GetExport(library, "nvmlShutdown"))();
        }
    }
}
