using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>A block of a sweep over codes as one kernel, four lanes to a row (code_descent.cu). Nothing waits for the device.</summary>
internal static unsafe class CudaCodeDescent
{
    private const int TileBytes = 10240 * sizeof(float); // a block of H in shared memory, less what lies below its diagonal

    /// <summary>Sweeps over at most 128 columns; all tensors float32, contiguous, on the kernels' device.</summary>
    /// <param name="kernels">Of the device.</param>
    /// <param name="gradient">(W - Ŵ)·H, (d_out, d_in), up to date for these columns.</param>
    /// <param name="hessian">H with damping, (d_in, d_in).</param>
    /// <param name="codes">(d_out, d_in); changed in place.</param>
    /// <param name="scales">Scale of each weight, (d_out, d_in).</param>
    /// <param name="zeros">Zero point of each weight, (d_out, d_in).</param>
    /// <param name="maxCode">Largest code.</param>
    /// <param name="start">First column.</param>
    /// <param name="count">Columns.</param>
    /// <returns>By how much each weight of the block changed, (d_out, count). In the caller's dispose scope.</returns>
    public static Tensor Block(CudaKernels kernels, Tensor gradient, Tensor hessian, Tensor codes, Tensor scales, Tensor zeros, int maxCode, int start, int count)
    {
        var (rows, columns) = ((int)codes.shape[0], (int)codes.shape[1]);
        var changes = empty(rows, count, dtype: ScalarType.Float32, device: codes.device);
        var together = GptqCudaLoop.RowsTogether(rows, kernels);
        kernels.Launch("code_descent", (rows + together - 1) / together, together * GptqCudaLoop.RowLanes, TileBytes, new DescentArguments
        {
            Slopes = TensorMemory.GpuPointer(gradient),
            Hessian = TensorMemory.GpuPointer(hessian),
            Scales = TensorMemory.GpuPointer(scales),
            Zeros = TensorMemory.GpuPointer(zeros),
            Codes = TensorMemory.GpuPointer(codes),
            Changes = TensorMemory.GpuPointer(changes),
            MaxCode = maxCode,
            Rows = rows,
            Columns = columns,
            Start = start,
            Count = count,
        });
        return changes;
    }
}
