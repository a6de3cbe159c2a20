using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Quantization.Grids;

/// <summary>Scales and zero points of every group of a weight, on the device that the weight is on.</summary>
internal static class GroupRanges
{
    /// <summary>Finds the range of each row's groups.</summary>
    /// <param name="weight">(d_out, d_in) float32. Borrowed.</param>
    /// <param name="groupLength">Columns to a group; the last may be shorter.</param>
    /// <param name="search">How ranges are chosen.</param>
    /// <param name="importance">What the error of each column counts in the search, (d_in) float32; null where all count the same. Borrowed.</param>
    /// <param name="token">Asked between rows on the CPU, where a search over a large layer takes many seconds.</param>
    /// <returns>Scales and zeros, (d_out, groups) float32, which the caller owns.</returns>
    public static (Tensor Scales, Tensor Zeros) Find(Tensor weight, int groupLength, RangeSearch search, Tensor? importance = null, CancellationToken token = default)
    {
        using var scope = NewDisposeScope();
        var (scales, zeros) = weight.device.type == DeviceType.CPU
            ? FindOnCpu(weight.contiguous(), groupLength, search, importance?.contiguous(), token)
            : CudaKernels.For(weight.device, null) is { } kernels
                ? FindOnGpu(kernels, weight.contiguous(), groupLength, search, importance?.contiguous())
                : FindWithTorch(weight, groupLength, search, importance);
        return (scales.MoveToOuterDisposeScope(), zeros.MoveToOuterDisposeScope());
    }

    private static (Tensor Scales, Tensor Zeros) FindOnGpu(CudaKernels kernels, Tensor weight, int groupLength, RangeSearch search, Tensor? importance)
    {
        var groups = (weight.shape[1] + groupLength - 1) / groupLength;
        var scales = empty(weight.shape[0], groups, dtype: ScalarType.Float32, device: weight.device);
        var zeros = empty_like(scales);
        CudaGroupRanges.Find(kernels, weight, groupLength, search, importance, scales, zeros);
        return (scales, zeros);
    }

    private static unsafe (Tensor Scales, Tensor Zeros) FindOnCpu(Tensor weight, int groupLength, RangeSearch search, Tensor? importance, CancellationToken token)
    {
        var (rows, columns) = ((int)weight.shape[0], (int)weight.shape[1]);
        var groups = (columns + groupLength - 1) / groupLength;
        var scales = empty(rows, groups, dtype: ScalarType.Float32);
        var zeros = empty(rows, groups, dtype: ScalarType.Float32);
        var w = TensorMemory.Pointer<float>(weight);
        var s = TensorMemory.Pointer<float>(scales);
        var z = TensorMemory.Pointer<float>(zeros);
        var counts = importance is null ? null : TensorMemory.Pointer<float>(importance);
        Parallel.For(0, rows, new ParallelOptions { CancellationToken = token }, row =>
        {
            for (var group = 0; group < groups; group++)
            {
                var first = group * groupLength;
                var length = Math.Min(groupLength, columns - first);
                var span = new ReadOnlySpan<float>(w + ((long)row * columns) + first, length);
                var groupCounts = counts is null ? default : new ReadOnlySpan<float>(counts + first, length);
                (s[((long)row * groups) + group], z[((long)row * groups) + group]) = GroupRange.Find(span, search, groupCounts);
            }
        });
        return (scales, zeros);
    }

    /// <summary>The same by whole-tensor operations; a shorter last group is padded with zeros, which every range holds.</summary>
    internal static (Tensor Scales, Tensor Zeros) FindWithTorch(Tensor weight, int groupLength, RangeSearch search, Tensor? importance = null)
    {
        var padding = (groupLength - (weight.shape[1] % groupLength)) % groupLength;
        var w = nn.functional.pad(weight, [0, padding]).reshape(weight.shape[0], -1, groupLength); // (d_out, groups, g)
        var counts = importance is null ? null : nn.functional.pad(importance, [0, padding]).reshape(1, -1, groupLength);
        var min = w.amin([2]).clamp_(max: 0);
        var max = w.amax([2]).clamp_(min: 0);
        if (search.Scheme.Symmetric)
        {
            max = maximum(max, min.neg());
            min = max.neg();
        }

        var empty = max.eq(min);
        min = min.masked_fill(empty, -1);
        max = max.masked_fill(empty, 1);
        var (scales, zeros) = Grid(min, max, search);
        if (!search.Mse)
        {
            return (scales, zeros);
        }

        var least = full_like(scales, float.PositiveInfinity);
        for (var step = 0; step < search.Steps; step++)
        {
            using var scope = NewDisposeScope();
            var share = search.Share(step);
            var (scale, zero) = Grid(min * share, max * share, search);
            var code = w.div(scale.unsqueeze(2)).round_().add_(zero.unsqueeze(2)).clamp_(0, search.Scheme.MaxCode);
            var distance = code.sub_(zero.unsqueeze(2)).mul_(scale.unsqueeze(2)).sub_(w).abs_().pow_(search.Norm);
            var error = (counts is null ? distance : distance.mul_(counts)).sum(dim: 2);
            var better = error.lt(least);
            least.copy_(where(better, error, least));
            scales.copy_(where(better, scale, scales));
            zeros.copy_(where(better, zero, zeros));
        }

        return (scales, zeros);
    }

    private static (Tensor Scale, Tensor Zero) Grid(Tensor min, Tensor max, RangeSearch search)
    {
        var maxCode = search.Scheme.MaxCode;
        var scale = Bounded((max - min) / maxCode);
        if (search.Scheme.Symmetric)
        {
            return (scale, full_like(scale, search.SymmetricZero));
        }

        var zero = min.neg().div(scale).round_();
        var low = zero.lt(1);
        return (where(low, Bounded(max / (maxCode - 1)), scale), zero.clamp_(1, maxCode));
    }

    private static Tensor Bounded(Tensor scale) => scale.clamp((float)Half.Epsilon, (float)Half.MaxValue);
}
