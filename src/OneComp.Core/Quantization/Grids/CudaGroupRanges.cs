using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Quantization.Grids;

/// <summary>Ranges of a weight's groups as one kernel, a warp to a group (group_range.cu). Nothing waits for the device.</summary>
internal static unsafe class CudaGroupRanges
{
    private const int Lanes = 32;
    private const int Warps = 8;

    /// <summary>Finds the range of each row's groups.</summary>
    /// <param name="kernels">Of the device that the tensors are on.</param>
    /// <param name="weight">(d_out, d_in) float32, rows contiguous. Borrowed, like the others.</param>
    /// <param name="groupLength">Columns to a group; the last may be shorter.</param>
    /// <param name="search">How ranges are chosen.</param>
    /// <param name="importance">(d_in) float32, contiguous; null where all columns count the same.</param>
    /// <param name="scales">(d_out, groups) float32, rows contiguous; written.</param>
    /// <param name="zeros">The same for zero points, with the same strides.</param>
    public static void Find(CudaKernels kernels, Tensor weight, int groupLength, RangeSearch search, Tensor? importance, Tensor scales, Tensor zeros)
    {
        var (rows, columns) = ((int)weight.shape[0], (int)weight.shape[1]);
        var groups = (columns + groupLength - 1) / groupLength;
        var blocks = (((long)rows * groups) + Warps - 1) / Warps;
        kernels.Launch(search.Mse ? "group_ranges_searched" : "group_ranges", blocks, Warps * Lanes, 0, new GroupRangeArguments
        {
            Weights = TensorMemory.PointerOf(weight),
            Importance = importance is null ? null : TensorMemory.PointerOf(importance),
            Scales = TensorMemory.PointerOf(scales),
            Zeros = TensorMemory.PointerOf(zeros),
            RowStride = weight.stride(0),
            OutStride = scales.stride(0),
            Rows = rows,
            Columns = columns,
            Groups = groups,
            GroupLength = groupLength,
            Rule = RuleOf(search),
        });
    }

    /// <summary>The search as the kernels take it.</summary>
    public static RangeRule RuleOf(RangeSearch search) => new()
    {
        MaxCode = search.Scheme.MaxCode,
        SymmetricZero = search.Scheme.Symmetric ? search.SymmetricZero : 0,
        GridSteps = search.Grid,
        Norm = (float)search.Norm,
        Steps = search.Mse ? search.Steps : 0,
    };
}
