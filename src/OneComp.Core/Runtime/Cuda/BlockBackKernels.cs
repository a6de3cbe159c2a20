using static TorchSharp.torch;

namespace OneComp.Runtime.Cuda;

/// <summary>
/// Gradients of what lies between the products of a decoder block, each in one kernel (block_backward.cu). Tensors as
/// <see cref="BlockKernels.For"/> takes them; the caller owns each result.
/// </summary>
internal static unsafe class BlockBackKernels
{
    private const int RowsPerPart = 64;

    /// <summary>beside + ∂L/∂x of a norm.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="input">x, (..., columns), contiguous.</param>
    /// <param name="weight">w, (columns) float32.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="gradient">∂L/∂y, (..., columns), contiguous.</param>
    /// <param name="beside">Added; of x's shape and type, contiguous. Null for nothing.</param>
    public static Tensor Norm(CudaKernels kernels, Tensor input, Tensor weight, double epsilon, Tensor gradient, Tensor? beside)
    {
        var columns = (int)input.shape[^1];
        var output = empty_like(input);
        kernels.Launch("rms_norm_back", input.numel() / columns, BlockKernels.ThreadsToRow(columns), 0, new NormBackArguments
        {
            Input = TensorMemory.GpuPointer(input),
            Gradient = TensorMemory.GpuPointer(gradient),
            Beside = beside is null ? null : TensorMemory.GpuPointer(beside),
            Weight = TensorMemory.GpuPointer(weight),
            Output = TensorMemory.GpuPointer(output),
            Columns = columns,
            InputType = BlockKernels.TypeOf(input.dtype),
            GradientType = BlockKernels.TypeOf(gradient.dtype),
            Epsilon = (float)epsilon,
        });
        return output;
    }

    /// <summary>∂L/∂gate and ∂L/∂up of act(gate)·up.</summary>
    public static (Tensor OfGate, Tensor OfUp) Gate(CudaKernels kernels, int function, Tensor gate, Tensor up, Tensor gradient)
    {
        var (ofGate, ofUp) = (empty_like(gate), empty_like(up));
        var quads = gate.numel() / BlockKernels.Quad;
        kernels.Launch("gate_back", BlockKernels.Blocks(quads), BlockKernels.Threads, 0, new GateBackArguments
        {
            Gate = TensorMemory.GpuPointer(gate),
            Up = TensorMemory.GpuPointer(up),
            Gradient = TensorMemory.GpuPointer(gradient),
            OfGate = TensorMemory.GpuPointer(ofGate),
            OfUp = TensorMemory.GpuPointer(ofUp),
            Quads = quads,
            Function = function,
            Type = BlockKernels.TypeOf(gate.dtype),
        });
        return (ofGate, ofUp);
    }

    /// <summary>Σ x² over all but the last dimension, (columns) float32.</summary>
    public static Tensor SquareSums(CudaKernels kernels, Tensor input)
    {
        using var scope = NewDisposeScope();
        var columns = (int)input.shape[^1];
        var rows = input.numel() / columns;
        var parts = (rows + RowsPerPart - 1) / RowsPerPart;
        var quadBlocks = (int)BlockKernels.Blocks(columns / BlockKernels.Quad);
        var sums = empty(parts, columns, dtype: ScalarType.Float32, device: input.device);
        kernels.Launch("square_sums", parts * quadBlocks, BlockKernels.Threads, 0, new SquareSumArguments
        {
            Input = TensorMemory.GpuPointer(input),
            Output = TensorMemory.GpuPointer(sums),
            Rows = rows,
            Columns = columns,
            Type = BlockKernels.TypeOf(input.dtype),
            RowsPerPart = RowsPerPart,
            QuadBlocks = quadBlocks,
        });
        return sums.sum(dim: 0).MoveToOuterDisposeScope();
    }
}
