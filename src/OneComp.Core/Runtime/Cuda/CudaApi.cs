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
