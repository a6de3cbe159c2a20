using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace OneComp.Runtime.Cuda;

/// <summary>
/// Products of float32 matrices on tensor cores, near to float32's own accuracy: each factor is the sum of two that TensorFloat-32 holds, and
/// three of the four products are made, as one of three times the depth (short_parts.cu).
/// </summary>
internal sealed unsafe class ExactProduct
{
    private const int Threads = 256;
    private const int FewestRows = 8192; // below, calls take longer than the products
    private readonly CudaKernels _kernels;
    private readonly Cublas _cublas;

    private ExactProduct(CudaKernels kernels, Cublas cublas) => (_kernels, _cublas) = (kernels, cublas);

    /// <summary>For products with so many rows on a device; null where the tensor library does as well.</summary>
    public static ExactProduct? For(Device device, long rows) =>
        rows >= FewestRows && CudaKernels.For(device, null) is { } kernels && Cublas.For(device) is { } cublas ? new ExactProduct(kernels, cublas) : null;

    /// <summary>sum += left · right.</summary>
    /// <param name="sum">(m, n) float32; its rows may lie apart. So may the factors'.</param>
    /// <param name="left">(m, k) float32.</param>
    /// <param name="right">(k, n) float32.</param>
    public void Add(Tensor sum, Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        _cublas.AddShort(sum, Parts(left, beside: true), Parts(right, beside: false));
    }

    private Tensor Parts(Tensor matrix, bool beside)
    {
        var (rows, columns) = (matrix.shape[0], matrix.shape[1]);
        var parts = beside ? empty([rows, 3 * columns], dtype: ScalarType.Float32, device: matrix.device) : empty([3 * rows, columns], dtype: ScalarType.Float32, device: matrix.device);
        _kernels.Launch("short_parts", ((rows * columns) + Threads - 1) / Threads, Threads, 0, new ShortPartArguments
        {
            Input = TensorMemory.PointerOf(matrix),
            Output = TensorMemory.GpuPointer(parts),
            Stride = matrix.stride(0),
            Rows = (int)rows,
            Columns = (int)columns,
            Beside = beside ? 1 : 0,
        });
        return parts;
    }

    /// <summary>The struct of the same name in short_parts.cu, which says what they are.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ShortPartArguments
    {
        public byte* Input;
        public byte* Output;
        public long Stride;
        public int Rows;
        public int Columns;
        public int Beside;
    }
}
