using System.Runtime.InteropServices;
using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>
/// The systems of <see cref="GroupScaleFit"/> on a GPU: codes are whole numbers, which tensor cores read without loss, and what a product leaves is
/// summed up by groups in one kernel (group_dots.cu). They are symmetric, so that only groups from the diagonal on are counted.
/// </summary>
internal static unsafe class CudaScaleSystems
{
    private const int Lanes = 32;
    private const int Threads = 256;

    /// <summary>C_g·H·C_hᵀ of every row, (rows, groups, groups). The caller owns it.</summary>
    /// <param name="kernels">Of the device.</param>
    /// <param name="products">Of the device.</param>
    /// <param name="hessian">H, (d_in, d_in), float32.</param>
    /// <param name="centred">C, (rows, d_in), float32, contiguous rows.</param>
    /// <param name="groupLength">Columns to a group.</param>
    /// <param name="groups">Groups.</param>
    public static Tensor Of(CudaKernels kernels, SplitProduct products, Tensor hessian, Tensor centred, int groupLength, int groups)
    {
        var (rows, columns) = ((int)centred.shape[0], (int)centred.shape[1]);
        var systems = empty(rows, groups, groups, dtype: ScalarType.Float32, device: centred.device);
        for (var group = 0; group < groups; group++)
        {
            using var scope = NewDisposeScope();
            var first = group * groupLength;
            var (length, rest) = (Math.Min(groupLength, columns - first), columns - first);
            var product = zeros(rows, rest, dtype: ScalarType.Float32, device: centred.device);                        // C_g·H
            products.AddToShort(product, centred.narrow(1, first, length), hessian.narrow(0, first, length).narrow(1, first, rest));
            kernels.Launch("group_dots", (((long)rows * (groups - group) * Lanes) + Threads - 1) / Threads, Threads, 0, new DotsArguments
            {
                Products = TensorMemory.GpuPointer(product),
                Centred = TensorMemory.PointerOf(centred) + (sizeof(float) * (long)first),
                Systems = TensorMemory.GpuPointer(systems),
                Stride = centred.stride(0),
                Rows = rows,
                Columns = rest,
                GroupLength = groupLength,
                Groups = groups,
                Group = group,
            });
        }

        return systems;
    }

    /// <summary>DotsArguments in group_dots.cu, which says what they are.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct DotsArguments
    {
        public byte* Products;
        public byte* Centred;
        public byte* Systems;
        public long Stride;
        public int Rows;
        public int Columns;
        public int GroupLength;
        public int Groups;
        public int Group;
    }
}
