using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>
/// Coordinate descent over codes: each column in turn takes the code that, the others being what they are, makes
/// (W - Ŵ)·H·(W - Ŵ)ᵀ least. Rows are independent. The error never rises.
/// </summary>
internal static class CodeDescent
{
    private const int BlockColumns = 128;

    /// <summary>One sweep over the columns.</summary>
    /// <param name="gradient">G = (W - Ŵ)·H, (d_out, d_in), float32, contiguous; used up.</param>
    /// <param name="hessian">H with damping, (d_in, d_in), float32, contiguous.</param>
    /// <param name="codes">(d_out, d_in), float32, whole numbers; changed in place.</param>
    /// <param name="scales">Scale of each weight, (d_out, d_in), float32.</param>
    /// <param name="zeros">Zero point of each weight, (d_out, d_in), float32.</param>
    /// <param name="maxCode">Largest code.</param>
    /// <param name="token">Asked between rows on the CPU and between blocks of columns elsewhere.</param>
    public static void Sweep(Tensor gradient, Tensor hessian, Tensor codes, Tensor scales, Tensor zeros, int maxCode, CancellationToken token = default)
    {
        if (gradient.device.type == DeviceType.CPU)
        {
            SweepOnCpu(gradient, hessian, codes, scales.contiguous(), zeros.contiguous(), maxCode, token);
        }
        else if (CudaKernels.For(gradient.device, null) is { } kernels)
        {
            SweepOnGpu(kernels, gradient, hessian, codes, scales.contiguous(), zeros.contiguous(), maxCode, token);
        }
        else
        {
            SweepWithTorch(gradient, hessian, codes, scales, zeros, maxCode, token);
        }
    }

    /// <summary>The same by whole-column operations.</summary>
    internal static void SweepWithTorch(Tensor gradient, Tensor hessian, Tensor codes, Tensor scales, Tensor zeros, int maxCode, CancellationToken token = default)
    {
        var columns = (int)codes.shape[1];
        var diagonal = hessian.diagonal();
        for (var start = 0; start < columns; start += BlockColumns)
        {
            token.ThrowIfCancellationRequested();
            using var blockScope = NewDisposeScope();
            var length = Math.Min(BlockColumns, columns - start);
            var inside = gradient.narrow(1, start, length).clone();                                          // (d_out, block)
            var square = hessian.narrow(0, start, length).narrow(1, start, length);
            var before = codes.narrow(1, start, length).clone();
            for (var i = 0; i < length; i++)
            {
                using var scope = NewDisposeScope();
                var scale = scales.narrow(1, start + i, 1);
                var zero = zeros.narrow(1, start + i, 1);
                var code = codes.narrow(1, start + i, 1);
                var wanted = code.sub(zero).add_(inside.narrow(1, i, 1).div(scale * diagonal.narrow(0, start + i, 1)));
                var found = wanted.round_().add_(zero).clamp_(0, maxCode);
                inside.addmm_(found.sub(code).mul_(scale), square.narrow(0, i, 1), alpha: -1);
                code.copy_(found);
            }

            var change = codes.narrow(1, start, length).sub(before).mul_(scales.narrow(1, start, length));   // (d_out, block)
            Follow(gradient, hessian, change, start);
        }
    }

    private static void SweepOnGpu(CudaKernels kernels, Tensor gradient, Tensor hessian, Tensor codes, Tensor scales, Tensor zeros, int maxCode, CancellationToken token)
    {
        var columns = (int)codes.shape[1];
        for (var start = 0; start < columns; start += BlockColumns)
        {
            token.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var change = CudaCodeDescent.Block(kernels, gradient, hessian, codes, scales, zeros, maxCode, start, Math.Min(BlockColumns, columns - start));
            Follow(gradient, hessian, change, start);
        }
    }

    /// <summary>Brings the slopes of the columns after a block up to date with its changes, (d_out, block).</summary>
    private static void Follow(Tensor gradient, Tensor hessian, Tensor change, int start)
    {
        var end = start + change.shape[1];
        var rest = gradient.shape[1] - end;
        if (rest > 0)
        {
            SplitProduct.Subtract(gradient.narrow(1, end, rest), change, hessian.narrow(0, start, change.shape[1]).narrow(1, end, rest));
        }
    }

    private static unsafe void SweepOnCpu(Tensor gradient, Tensor hessian, Tensor codes, Tensor scales, Tensor zeros, int maxCode, CancellationToken token)
    {
        var (rows, columns) = ((int)codes.shape[0], (int)codes.shape[1]);
        var g = TensorMemory.Pointer<float>(gradient);
        var h = TensorMemory.Pointer<float>(hessian);
        var c = TensorMemory.Pointer<float>(codes);
        var s = TensorMemory.Pointer<float>(scales);
        var z = TensorMemory.Pointer<float>(zeros);
        Parallel.For(0, rows, new ParallelOptions { CancellationToken = token }, row =>
        {
            var first = (long)row * columns;
            var slope = new Span<float>(g + first, columns);
            for (var i = 0; i < columns; i++)
            {
                var (code, scale, zero) = (c[first + i], s[first + i], z[first + i]);
                var u = new ReadOnlySpan<float>(h + ((long)i * columns), columns);
                var found = Math.Clamp(MathF.Round(code - zero + (slope[i] / (scale * u[i]))) + zero, 0, maxCode);
                if (found != code)
                {
                    c[first + i] = found;
                    RowSubtraction.Subtract(slope[i..], u[i..], (found - code) * scale);
                }
            }
        });
    }
}
