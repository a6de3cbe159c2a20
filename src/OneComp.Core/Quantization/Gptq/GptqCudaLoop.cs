using OneComp.Quantization.Grids;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>The block loop as one kernel: four lanes to a row (gptq_rows.cu), or a warp where ranges are searched (gptq_block.cu). Nothing waits for the device.</summary>
internal sealed unsafe class GptqCudaLoop(CudaKernels kernels) : IGptqBlockLoop
{
    private const int Lanes = 32;
    internal const int RowLanes = 4;  // to a row of gptq_rows.cu
    private const int RowColumns = 4; // which groups there have to be multiples of
    private const int UpperBytes = 10240 * sizeof(float);    // a block of U in shared memory, less what lies below its diagonal
    private const int SearchBytes = 128 * 2 * sizeof(float); // a warp's group and what each weight counts

    public CarriedErrors Carried(GptqState state, HessianFactor factor) => SplitProduct.For(state.Weight.device) is { } products
        ? new CudaCarriedErrors(products, state, factor)
        : new CarriedErrors(state, factor);

    public Tensor? Run(GptqState state, GptqSegment segment, int start, int end)
    {
        var errors = end - segment.Start == segment.Length ? null : empty(state.Rows, end - start, dtype: ScalarType.Float32, device: state.Weight.device);
        var holdsGroups = end - start == segment.Length; // else the segment is one group, of which this is a part
        if (!state.RangesAreGiven && !holdsGroups && start == segment.Start)
        {
            FindGroup(state, segment);
        }

        var searches = state.Search.Mse && holdsGroups && !state.RangesAreGiven;
        var given = state.RangesAreGiven || !holdsGroups;
        if (given || (!searches && state.GroupLength % RowColumns == 0))
        {
            var rows = RowsTogether(state.Rows, kernels);
            Launch(given ? "gptq_rows_given" : "gptq_rows_found", rows, rows * RowLanes, UpperBytes);
        }
        else
        {
            var warps = Warps(state.Rows, kernels);
            Launch(searches ? "gptq_block_searched" : "gptq_block_found", warps, warps * Lanes, UpperBytes + (searches ? warps * SearchBytes : 0));
        }

        return errors;

        void Launch(string name, int rows, int threads, int sharedBytes) => kernels.Launch(name, (state.Rows + rows - 1) / rows, threads, sharedBytes, new GptqBlockArguments
        {
            Original = TensorMemory.GpuPointer(state.Weight),
            Weights = TensorMemory.GpuPointer(segment.Weights),
            Upper = TensorMemory.GpuPointer(segment.Upper),
            Importance = state.Importance is null ? null : TensorMemory.GpuPointer(state.Importance),
            GroupOf = state.GroupOfColumn is null ? null : TensorMemory.GpuPointer(state.GroupOfColumn),
            Codes = TensorMemory.GpuPointer(state.Codes),
            Scales = TensorMemory.GpuPointer(state.Scales),
            Zeros = TensorMemory.GpuPointer(state.Zeros),
            Differences = TensorMemory.GpuPointer(segment.Differences),
            Errors = errors is null ? null : TensorMemory.GpuPointer(errors),
            Rows = state.Rows,
            Columns = state.Columns,
            Groups = (int)state.Scales.shape[1],
            GroupLength = state.GroupLength,
            Start = start,
            Count = end - start,
            SegmentStart = segment.Start,
            SegmentLength = segment.Length,
            Parts = CudaCarriedErrors.AreParts(segment) ? 1 : 0,
            Rule = CudaGroupRanges.RuleOf(state.Search),
        });
    }

    /// <summary>The range of a group that is larger than a block, when its first column is reached; the segment is that group.</summary>
    private void FindGroup(GptqState state, GptqSegment segment)
    {
        var group = segment.Start / state.GroupLength;
        CudaGroupRanges.Find(
            kernels,
            segment.Weights,
            segment.Length,
            state.Search,
            state.Importance?.narrow(0, segment.Start, segment.Length),
            state.Scales.narrow(1, group, 1),
            state.Zeros.narrow(1, group, 1));
    }

    /// <summary>Rows to a thread block, four lanes to each: more share a block of the matrix, unless multiprocessors would be left without work.</summary>
    internal static int RowsTogether(int rows, CudaKernels kernels) => rows >= 64 * kernels.Multiprocessors ? 64 : 32;

    /// <summary>Rows to a thread block, a warp to each.</summary>
    private static int Warps(int rows, CudaKernels kernels) => rows >= 16 * kernels.Multiprocessors ? 16 : rows >= 8 * kernels.Multiprocessors ? 8 : 4;
}
