using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace OneComp.Runtime.Cuda;

/// <summary>
/// Float32 products on tensor cores, which read TensorFloat-32: each factor in two parts of that, a high and a low one, and low·high, high·low and
/// high·high summed up in one product. What is left out is below the last bit of float32; the small products come first, so that they lose nothing,
/// and long sums are cut into pieces, because a tensor core's sum is cut off where float32 arithmetic rounds.
/// </summary>
internal sealed unsafe class SplitProduct
{
    private const int Parts = 3;
    private const int Threads = 256;
    private const int Together = 512; // of what is summed over

    private readonly CudaKernels _kernels;
    private readonly Cublas _cublas;

    private SplitProduct(CudaKernels kernels, Cublas cublas) => (_kernels, _cublas) = (kernels, cublas);

    /// <summary>The products of a device; null where there are none, and plain ones have to do.</summary>
    /// <exception cref="KernelException">The GPU's memory has no room for them.</exception>
    public static SplitProduct? For(Device device) =>
        CudaKernels.For(device, null) is { } kernels && Cublas.For(device) is { } cublas ? new SplitProduct(kernels, cublas) : null;

    /// <summary>sum -= left · right, by parts where the device can, else as the tensor library does it.</summary>
    /// <param name="sum">(m, n) float32; its rows may lie apart, as those of a view do. So may the factors'.</param>
    /// <param name="left">(m, k) float32.</param>
    /// <param name="right">(k, n) float32.</param>
    public static void Subtract(Tensor sum, Tensor left, Tensor right)
    {
        if (For(sum.device) is { } products)
        {
            products.Add(sum, left, right, -1);
        }
        else
        {
            sum.addmm_(left, right, alpha: -1);
        }
    }

    /// <summary>left · right, (m, n), by parts where they are float32 and the device can. The caller owns it.</summary>
    /// <param name="left">(m, k).</param>
    /// <param name="right">(k, n) of the same type.</param>
    public static Tensor Of(Tensor left, Tensor right)
    {
        if (left.dtype != ScalarType.Float32 || For(left.device) is not { } products)
        {
            return left.mm(right);
        }

        var product = zeros(left.shape[0], right.shape[1], dtype: ScalarType.Float32, device: left.device);
        products.Add(product, left, right, 1);
        return product;
    }

    /// <summary>Room for <see cref="AddParts"/>'s left factor of so many columns, (rows, 3 · columns): low parts, high parts, high parts.</summary>
    public static Tensor NewParts(long rows, long columns, Device device) => empty(rows, Parts * columns, dtype: ScalarType.Float32, device: device);

    /// <summary>sum += left · right, where the left factor's parts are there.</summary>
    /// <param name="sum">(m, n) float32; its rows may lie apart.</param>
    /// <param name="parts">(m, 3k), as <see cref="NewParts"/> says.</param>
    /// <param name="right">(k, n) float32; its rows may lie apart.</param>
    public void AddParts(Tensor sum, Tensor parts, Tensor right)
    {
        using var below = RowParts(right);
        _cublas.AddShort(sum, parts, below);
    }

    /// <summary>sum += factor · right, where TensorFloat-32 holds the left factor's numbers, as it does whole numbers up to 2048.</summary>
    /// <param name="sum">(m, n) float32; its rows may lie apart. So may the factors'.</param>
    /// <param name="left">(m, k) of such numbers.</param>
    /// <param name="right">(k, n) float32.</param>
    public void AddToShort(Tensor sum, Tensor left, Tensor right)
    {
        using var parts = RowParts(right);
        var rows = right.shape[0];
        _cublas.AddShort(sum, left, parts.narrow(0, rows, rows));
        _cublas.AddShort(sum, left, parts.narrow(0, 0, rows));
    }

    private void Add(Tensor sum, Tensor left, Tensor right, float sign)
    {
        for (long start = 0; start < left.shape[1]; start += Together)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(Together, left.shape[1] - start);
            var parts = NewParts(left.shape[0], count, left.device);
            Split("split_columns", left.narrow(1, start, count), parts, sign);
            AddParts(sum, parts, right.narrow(0, start, count));
        }
    }

    /// <summary>High, low and high parts below each other, (3k, n).</summary>
    private Tensor RowParts(Tensor right)
    {
        var parts = empty(Parts * right.shape[0], right.shape[1], dtype: ScalarType.Float32, device: right.device);
        Split("split_rows", right, parts, 1);
        return parts;
    }

    private void Split(string kernel, Tensor source, Tensor parts, float sign)
    {
        if (source.stride(1) != 1 || source.dtype != ScalarType.Float32)
        {
            throw new ArgumentException("a float32 matrix is needed whose rows are contiguous", nameof(source));
        }

        _kernels.Launch(kernel, (source.numel() + Threads - 1) / Threads, Threads, 0, new PartsArguments
        {
            Source = TensorMemory.PointerOf(source),
            Parts = TensorMemory.GpuPointer(parts),
            Stride = source.stride(0),
            Rows = checked((int)source.shape[0]),
            Columns = checked((int)source.shape[1]),
            Sign = sign,
        });
    }

    /// <summary>PartsArguments in block_tile.cu, which says what they are.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PartsArguments
    {
        public byte* Source;
        public byte* Parts;
        public long Stride;
        public int Rows;
        public int Columns;
        public float Sign;
    }
}
