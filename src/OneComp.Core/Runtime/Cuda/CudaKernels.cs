using System.Collections.Concurrent;
using System.Globalization;
using OneComp.Errors;
using OneComp.Progress;
using TorchSharp;

namespace OneComp.Runtime.Cuda;

/// <summary>The engine's kernels on one GPU, compiled at first use.</summary>
internal sealed unsafe class CudaKernels
{
    private static readonly string[] Sources = ["group_range.cu", "block_tile.cu", "gptq_block.cu", "gptq_rows.cu", "code_descent.cu", "group_dots.cu", "bit_packing.cu", "block_forward.cu", "block_backward.cu"];
    private static readonly OncePerGpu<(CudaKernels? Kernels, string? Fault)> ByGpu = new(Load);
    private static int _hasWarned;

    private readonly CudaApi _driver;
    private readonly nint _context;
    private readonly nint _module;
    private readonly ConcurrentDictionary<string, nint> _functions = [];
    private readonly int _maxSharedBytes;

    private CudaKernels(int ordinal)
    {
        _driver = CudaApi.Instance;
        var device = _driver.Device(ordinal);
        const int major = 75, minor = 76, multiprocessors = 16, maxSharedBytes = 97; // CU_DEVICE_ATTRIBUTE_...
        var capability = (_driver.Attribute(major, device) * 10) + _driver.Attribute(minor, device);
        _maxSharedBytes = _driver.Attribute(maxSharedBytes, device);
        Multiprocessors = _driver.Attribute(multiprocessors, device);
        var compiler = NvrtcCompiler.Load(NvrtcFiles.Candidates(
            Environment.GetEnvironmentVariable(NvrtcFiles.Variable), TorchRuntime.TorchFolder, OperatingSystem.IsWindows()));
        var image = KernelCache.OfUser().Get(Source(), capability, _driver.DriverVersion(), compiler);
        Description = string.Create(CultureInfo.InvariantCulture, $"compute capability {capability}, {compiler.Version}");
        _context = _driver.RetainPrimaryContext(device);
        _module = InContext(() => _driver.LoadModule(image));
    }

    /// <summary>Multiprocessors of the GPU.</summary>
    public int Multiprocessors { get; }

    /// <summary>What the kernels were compiled for and by.</summary>
    public string Description { get; }

    /// <summary>The kernels' source: all files, one after the other.</summary>
    public static string Source() => string.Concat(Sources.Select(name =>
    {
        using var stream = typeof(CudaKernels).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }));

    /// <summary>
    /// The kernels for a device; null for the CPU, and for a GPU where they cannot be compiled or loaded, which the first call of a process
    /// that meets it says in a warning.
    /// </summary>
    /// <exception cref="KernelException">The GPU's memory has no room for them; they are tried again at the next call.</exception>
    public static CudaKernels? For(torch.Device device, IProgress<RunEvent>? progress)
    {
        if (device.type != DeviceType.CUDA)
        {
            return null;
        }

        var (kernels, fault) = ByGpu.Of(device);
        if (fault is not null && progress is not null && Interlocked.Exchange(ref _hasWarned, 1) == 0)
        {
            progress.Report(new WarningEvent($"{fault} The work goes on with plain tensor operations, which take many times as long."));
        }

        return kernels;
    }

    /// <summary>Starts a kernel on the tensor library's default stream. The caller keeps the tensors whose memory it uses.</summary>
    /// <param name="name">The kernel.</param>
    /// <param name="blocks">Thread blocks.</param>
    /// <param name="threads">Threads to a block.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block.</param>
    /// <param name="argument">The kernel's one argument, laid out as there.</param>
    /// <exception cref="KernelException">The driver refuses it.</exception>
    public void Launch<T>(string name, long blocks, int threads, int sharedBytes, T argument)
        where T : unmanaged
    {
        var function = _functions.GetOrAdd(name, key => InContext(() =>
        {
            var found = _driver.Function(_module, key);
            if (sharedBytes > 0)
            {
                _driver.AllowSharedMemory(found, _maxSharedBytes);
            }

            return found;
        }));
        using var current = new CurrentContext(_driver, _context);
        _driver.Launch(function, checked((uint)blocks), (uint)threads, (uint)sharedBytes, &argument);
    }

    private static (CudaKernels? Kernels, string? Fault) Load(int ordinal)
    {
        try
        {
            return (new CudaKernels(ordinal), null);
        }
        catch (KernelException exception) when (!Outcome.IsOutOfMemory(exception))
        {
            return (null, $"The GPU kernels cannot be used on cuda:{ordinal}: {exception.Message}");
        }
    }

    private nint InContext(Func<nint> work)
    {
        using var current = new CurrentContext(_driver, _context);
        return work();
    }
}
