using System.Runtime.InteropServices;

namespace OneComp.Benchmarks.Faults.Gpu;

/// <summary>A GPU's memory by the driver itself (CUDA Driver API, cuMem*), past the tensor library's pool.</summary>
internal sealed unsafe class GpuMemory
{
    private readonly nint _driver = NativeLibrary.Load(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1");
    private readonly nint _context;

    public GpuMemory(int ordinal)
    {
        int device;
        nint context;
        Check(((delegate* unmanaged<uint, int>)Export("cuInit"))(0), "cuInit");
        Check(((delegate* unmanaged<int*, int, int>)Export("cuDeviceGet"))(&device, ordinal), "cuDeviceGet");
        Check(((delegate* unmanaged<nint*, int, int>)Export("cuDevicePrimaryCtxRetain"))(&context, device), "cuDevicePrimaryCtxRetain");
        _context = context;
    }

    /// <summary>Bytes that are free, and all there are.</summary>
    public (long Free, long Total) Bytes() => InContext(() =>
    {
        nuint free, total;
        Check(((delegate* unmanaged<nuint*, nuint*, int>)Export("cuMemGetInfo_v2"))(&free, &total), "cuMemGetInfo");
        return ((long)free, (long)total);
    });

    /// <summary>Takes bytes; 0 where there is no such piece.</summary>
    public ulong Take(long bytes) => InContext(() =>
    {
        ulong address;
        return ((delegate* unmanaged<ulong*, nuint, int>)Export("cuMemAlloc_v2"))(&address, (nuint)bytes) == 0 ? address : 0;
    });

    /// <summary>Gives a piece back.</summary>
    public void Release(ulong address) => InContext(() =>
    {
        Check(((delegate* unmanaged<ulong, int>)Export("cuMemFree_v2"))(address), "cuMemFree");
        return 0;
    });

    private T InContext<T>(Func<T> work)
    {
        Check(((delegate* unmanaged<nint, int>)Export("cuCtxPushCurrent_v2"))(_context), "cuCtxPushCurrent");
        try
        {
            return work();
        }
        finally
        {
            nint context;
            _ = ((delegate* unmanaged<nint*, int>)Export("cuCtxPopCurrent_v2"))(&context);
        }
    }

    private nint Export(string function) => NativeLibrary.GetExport(_driver, function);

    private static void Check(int result, string call)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"{call} answers {result}");
        }
    }
}
