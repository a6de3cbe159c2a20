using System.Runtime.InteropServices;

namespace OneComp.Runtime.Cuda;

/// <summary>The calls of the CUDA driver that kernels need (CUDA Driver API); each failure is an exception that names the call.</summary>
internal sealed unsafe class CudaApi
{
    private static readonly Lazy<CudaApi?> Loaded = new(() => CudaDriver.TryLoad(out var library) ? new CudaApi(library) : null);
    private readonly nint _library;

    private CudaApi(nint library) => _library = library;

    /// <summary>The driver of this machine.</summary>
    /// <exception cref="KernelException">There is none.</exception>
    public static CudaApi Instance => Loaded.Value
        ?? throw new KernelException(KernelError.DriverFailed, "cuInit", "The CUDA driver is not installed, or it finds no GPU.");

    /// <summary>Version of the CUDA driver API: 13000.</summary>
    public int DriverVersion()
    {
        int version;
        Check(((delegate* unmanaged<int*, int>)Export("cuDriverGetVersion"))(&version), "cuDriverGetVersion");
        return version;
    }

    /// <summary>The device with this ordinal.</summary>
    public int Device(int ordinal)
    {
        int device;
        Check(((delegate* unmanaged<int*, int, int>)Export("cuDeviceGet"))(&device, ordinal), "cuDeviceGet");
        return device;
    }

    /// <summary>A property of a device (CUdevice_attribute).</summary>
    public int Attribute(int attribute, int device)
    {
        int value;
        Check(((delegate* unmanaged<int*, int, int, int>)Export("cuDeviceGetAttribute"))(&value, attribute, device), "cuDeviceGetAttribute");
        return value;
    }

    /// <summary>The context that the tensor library works in as well; kept for the life of the process.</summary>
    public nint RetainPrimaryContext(int device)
    {
        nint context;
        Check(((delegate* unmanaged<nint*, int, int>)Export("cuDevicePrimaryCtxRetain"))(&context, device), "cuDevicePrimaryCtxRetain");
        return context;
    }

    /// <summary>Makes a context the calling thread's until <see cref="Pop"/>.</summary>
    public void Push(nint context) => Check(((delegate* unmanaged<nint, int>)Export("cuCtxPushCurrent_v2"))(context), "cuCtxPushCurrent");

    /// <summary>Gives the thread its former context back.</summary>
    public void Pop()
    {
        nint context;
        Check(((delegate* unmanaged<nint*, int>)Export("cuCtxPopCurrent_v2"))(&context), "cuCtxPopCurrent");
    }

    /// <summary>Loads compiled kernels into the current context.</summary>
    public nint LoadModule(ReadOnlySpan<byte> image)
    {
        nint module;
        fixed (byte* data = image)
        {
            Check(((delegate* unmanaged<nint*, byte*, int>)Export("cuModuleLoadData"))(&module, data), "cuModuleLoadData");
        }

        return module;
    }

    /// <summary>A kernel by name.</summary>
    public nint Function(nint module, string name)
    {
        nint function;
        var text = Marshal.StringToCoTaskMemUTF8(name);
        try
        {
            Check(((delegate* unmanaged<nint*, nint, nint, int>)Export("cuModuleGetFunction"))(&function, module, text), $"cuModuleGetFunction({name})");
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }

        return function;
    }

    /// <summary>Lets a kernel have this much dynamic shared memory, which is above 48 KB.</summary>
    public void AllowSharedMemory(nint function, int bytes)
    {
        const int maxDynamicSharedBytes = 8;
        Check(((delegate* unmanaged<nint, int, int, int>)Export("cuFuncSetAttribute"))(function, maxDynamicSharedBytes, bytes), "cuFuncSetAttribute");
    }

    /// <summary>Starts a kernel with one argument on the null stream, which is the tensor library's default stream.</summary>
    public void Launch(nint function, uint blocks, uint threads, uint sharedBytes, void* argument)
    {
        var arguments = &argument;
        Check(
            ((delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)Export("cuLaunchKernel"))(
                function, blocks, 1, 1, threads, 1, 1, sharedBytes, 0, arguments, null),
            "cuLaunchKernel");
    }

    /// <summary>A stream of its own, which does not wait for the tensor library's default stream nor makes that wait.</summary>
    public nint MakeStream()
    {
        const uint nonBlocking = 1;
        nint stream;
        Check(((delegate* unmanaged<nint*, uint, int>)Export("cuStreamCreate"))(&stream, nonBlocking), "cuStreamCreate");
        return stream;
    }

    /// <summary>Waits until a stream has done what it was asked for.</summary>
    public void Wait(nint stream) => Check(((delegate* unmanaged<nint, int>)Export("cuStreamSynchronize"))(stream), "cuStreamSynchronize");

    /// <summary>Waits, asleep, until the tensor library's default stream has done what it was asked for so far.</summary>
    public void WaitForDefaultStream()
    {
        const uint sleepsAndTakesNoTime = 1 | 2;
        nint mark;
        Check(((delegate* unmanaged<nint*, uint, int>)Export("cuEventCreate"))(&mark, sleepsAndTakesNoTime), "cuEventCreate");
        try
        {
            Check(((delegate* unmanaged<nint, nint, int>)Export("cuEventRecord"))(mark, 0), "cuEventRecord");
            Check(((delegate* unmanaged<nint, int>)Export("cuEventSynchronize"))(mark), "cuEventSynchronize");
        }
        finally
        {
            ((delegate* unmanaged<nint, int>)Export("cuEventDestroy_v2"))(mark);
        }
    }

    /// <summary>Page-locked main memory, which every GPU copies from and to by itself; kept for the life of the process.</summary>
    public byte* LockedMemory(long bytes)
    {
        const uint forEveryContext = 1;
        byte* memory;
        Check(((delegate* unmanaged<byte**, nuint, uint, int>)Export("cuMemHostAlloc"))(&memory, (nuint)bytes, forEveryContext), "cuMemHostAlloc");
        return memory;
    }

    /// <summary>Starts a copy from page-locked memory to a GPU's.</summary>
    public void CopyToGpu(byte* to, byte* from, long bytes, nint stream) =>
        Check(((delegate* unmanaged<byte*, byte*, nuint, nint, int>)Export("cuMemcpyHtoDAsync_v2"))(to, from, (nuint)bytes, stream), "cuMemcpyHtoDAsync");

    /// <summary>Starts a copy from a GPU's memory to page-locked memory.</summary>
    public void CopyFromGpu(byte* to, byte* from, long bytes, nint stream) =>
        Check(((delegate* unmanaged<byte*, byte*, nuint, nint, int>)Export("cuMemcpyDtoHAsync_v2"))(to, from, (nuint)bytes, stream), "cuMemcpyDtoHAsync");

    private nint Export(string function) => NativeLibrary.GetExport(_library, function);

    private void Check(int result, string call)
    {
        if (result == 0)
        {
            return;
        }

        byte* text;
        var known = ((delegate* unmanaged<int, byte**, int>)Export("cuGetErrorName"))(result, &text) == 0;
        var name = known ? Marshal.PtrToStringUTF8((nint)text) : $"error {result}";
        throw new KernelException(KernelError.DriverFailed, call, $"The CUDA driver answers {call} with {name}.");
    }
}
