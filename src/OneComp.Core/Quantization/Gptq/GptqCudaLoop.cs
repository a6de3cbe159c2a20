using OneComp.Quantization.Grids;
using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>The block loop as one kernel, a warp to a row (gptq_block.cu). Nothing waits for the device.</summary>
internal sealed unsafe class GptqCudaLoop(CudaKernels kernels) : IGptqBlockLoop
{
    private const int Lanes = 32;
    private const int UpperBytes = 10240 * sizeof(float);    // a block of U in shared memory, less what lies below its diagonal
    private const int SearchBytes = 128 * 2 * sizeof(float); // a warp's group and what each weight counts

    public Tensor Run(GptqState state, GptqSegment segment, int start, int end)
    {
        var errors = empty(state.Rows, end - start, dtype: ScalarType.Float32, device: state.Weight.device);
        var holdsGroups = end - start == segment.Length; // else the segment is one group, of which this is a part
        if (!state.RangesAreGiven && !holdsGroups && start == segment.Start)
        {
            FindGroup(state, segment);
        }

        var searches = state.Search.Mse && holdsGroups && !state.RangesAreGiven;
        var name = state.RangesAreGiven || !holdsGroups ? "gptq_block_given" : searches ? "gptq_block_searched" : "gptq_block_found";
        var warps = Warps(state.Rows, kernels);
        kernels.Launch(name, (state.Rows + warps - 1) / warps, warps * Lanes, UpperBytes + (searches ? warps * SearchBytes : 0), new GptqBlockArguments
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
            Errors = TensorMemory.GpuPointer(errors),
            Rows = state.Rows,
            Columns = state.Columns,
            Groups = (int)state.Scales.shape[1],
            GroupLength = state.GroupLength,
            Start = start,
            Count = end - start,
            SegmentStart = segment.Start,
            SegmentLength = segment.Length,
            Rule = CudaGroupRanges.RuleOf(state.Search),
        });
        return errors;
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

    /// <summary>Rows to a thread block: many share a block of F, unless multiprocessors would be left without work.</summary>
    internal static int Warps(int rows, CudaKernels kernels) => rows >= 16 * kernels.Multiprocessors ? 16 : rows >= 8 * kernels.Multiprocessors ? 8 : 4;
}
