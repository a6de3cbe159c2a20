using System.Runtime.InteropServices;
using OneComp.Errors;
using TorchSharp;

namespace OneComp.Runtime.Cuda;

/// <summary>
/// Products that the tensor library does not offer: factors in a half type and the sum in float32, and TensorFloat-32 for one product
/// instead of for the process (cuBLAS, cublasGemmEx). The library is the one that libtorch has loaded. One for each GPU, kept for the life
/// of the process.
/// </summary>
internal sealed unsafe class Cublas
{
    private const int Float32 = 0, Float16 = 2, BFloat16 = 14; // cudaDataType
    private const int SumInFloat32 = 68, SumOfShort = 77;      // CUBLAS_COMPUTE_32F, CUBLAS_COMPUTE_32F_FAST_TF32
    private const int AsIs = 0, Transposed = 1;                // cublasOperation_t
    private const int AnyAlgorithm = -1;                       // CUBLAS_GEMM_DEFAULT

    private const int NotInitialized = 1, AllocationFailed = 3; // cublasStatus_t
    private const long Least = 256 << 20;                       // of a GPU, with less of which the library does not begin

    private static readonly OncePerGpu<Cublas?> ByGpu = new(Load);

    private readonly CudaApi _driver = CudaApi.Instance;
    private readonly nint _context;
    private readonly nint _handle;
    private readonly delegate* unmanaged<nint, int, int, int, int, int, void*, void*, int, int, void*, int, int, void*, void*, int, int, int, int, int> _product;

    private Cublas(nint library, int ordinal)
    {
        _context = _driver.RetainPrimaryContext(_driver.Device(ordinal));
        _product = (delegate* unmanaged<nint, int, int, int, int, int, void*, void*, int, int, void*, int, int, void*, void*, int, int, int, int, int>)
            NativeLibrary.GetExport(library, "cublasGemmEx");
        nint handle;
        using (new CurrentContext(_driver, _context))
        {
            var result = ((delegate* unmanaged<nint*, int>)NativeLibrary.GetExport(library, "cublasCreate_v2"))(&handle);
            Check(result == NotInitialized && IsFull(ordinal) ? AllocationFailed : result, "cublasCreate");
        }

        _handle = handle;
    }

    /// <summary>The library on a GPU; null on the CPU and where it does not load, in which case the tensor library has to do.</summary>
    /// <exception cref="KernelException">The GPU's memory has no room for it; it is tried again at the next call.</exception>
    public static Cublas? For(torch.Device device) => device.type == DeviceType.CUDA ? ByGpu.Of(device) : null;

    /// <summary>True for the types whose products <see cref="AddTransposed"/> makes.</summary>
    public static bool Takes(torch.ScalarType type) => type is torch.ScalarType.BFloat16 or torch.ScalarType.Float16;

    /// <summary>sum += leftᵀ · right, in float32.</summary>
    /// <param name="sum">(m, n) float32; its rows may lie apart, as those of a view do. So may the factors'.</param>
    /// <param name="left">(k, m) in a half type.</param>
    /// <param name="right">(k, n) in the same type.</param>
    /// <exception cref="KernelException">The library refuses the product.</exception>
    public void AddTransposed(torch.Tensor sum, torch.Tensor left, torch.Tensor right)
    {
        var type = left.dtype == torch.ScalarType.BFloat16 ? BFloat16 : Float16;
        Multiply(sum, right, left, Transposed, type, SumInFloat32);
    }

    /// <summary>sum += left · right with the factors' last 13 bits left out (TensorFloat-32).</summary>
    /// <param name="sum">(m, n) float32; its rows may lie apart, as those of a view do. So may the factors'.</param>
    /// <param name="left">(m, k) float32.</param>
    /// <param name="right">(k, n) float32.</param>
    /// <exception cref="KernelException">The library refuses the product.</exception>
    public void AddShort(torch.Tensor sum, torch.Tensor left, torch.Tensor right) => Multiply(sum, right, left, AsIs, Float32, SumOfShort);

    // Column-major there, so that all three are each other's transposes: sumᵀ += first · second, where first is the right factor. On the
    // tensor library's default stream: memory that is freed after the call is given out again only to what comes after it there.
    private void Multiply(torch.Tensor sum, torch.Tensor first, torch.Tensor second, int operation, int type, int compute)
    {
        var (m, n) = (checked((int)sum.shape[1]), checked((int)sum.shape[0]));
        var one = 1f;
        using var current = new CurrentContext(_driver, _context);
        Check(
            _product(
                _handle, AsIs, operation, m, n, checked((int)first.shape[0]), &one, Rows(first), type, Stride(first), Rows(second), type, Stride(second),
                &one, Rows(sum), Float32, Stride(sum), compute, AnyAlgorithm),
            "cublasGemmEx");
    }

    private static byte* Rows(torch.Tensor matrix) => matrix.device.type == DeviceType.CUDA && matrix.stride(1) == 1
        ? TensorMemory.PointerOf(matrix)
        : throw new ArgumentException("a CUDA matrix is needed whose rows are contiguous", nameof(matrix));

    private static int Stride(torch.Tensor matrix) => checked((int)matrix.stride(0));

    private static Cublas? Load(int ordinal)
    {
        var candidates = OperatingSystem.IsWindows()
            ? CudaLibraryFiles.Candidates(TorchRuntime.TorchFolder, "cublas64_*.dll", ["cublas64_13.dll", "cublas64_12.dll"])
            : CudaLibraryFiles.Candidates(TorchRuntime.TorchFolder, "libcublas.so*", ["libcublas.so.13", "libcublas.so.12"]);
        foreach (var candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out var library))
            {
                try
                {
                    return new Cublas(library, ordinal);
                }
                catch (Exception exception) when (exception is EntryPointNotFoundException || (exception is KernelException && !Outcome.IsOutOfMemory(exception)))
                {
                    return null;
                }
            }
        }

        return null;
    }

    private static bool IsFull(int ordinal) => ComputeDevices.Find(torch.device("cuda", ordinal)) is { FreeMemoryBytes: < Least };

    private static void Check(int result, string call)
    {
        if (result != 0)
        {
            var name = result == AllocationFailed ? "CUBLAS_STATUS_ALLOC_FAILED" : $"error {result}";
            throw new KernelException(KernelError.DriverFailed, call, $"cuBLAS answers {call} with {name}.");
        }
    }
}
