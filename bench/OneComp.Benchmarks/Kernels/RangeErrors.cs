using OneComp.Quantization.Grids;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Kernels;

/// <summary>
/// Compares ranges that were searched for by what they cost. Two ranges whose costs differ by less than float32 resolves are both the
/// best, and two devices may well pick one each.
/// </summary>
internal static class RangeErrors
{
    /// <summary>The largest relative difference over groups of Σ importance·|w - ŵ|^norm, in float64, between ranges found and expected.</summary>
    public static double Excess(Tensor weight, Tensor importance, RangeSearch search, bool weighted, (Tensor Scales, Tensor Zeros) found, (Tensor Scales, Tensor Zeros) expected)
    {
        using var scope = NewDisposeScope();
        var length = search.Scheme.GroupLength((int)weight.shape[1]);
        var ours = Costs(found);
        var theirs = Costs(expected);
        return ours.sub(theirs).abs_().div_(theirs).max().item<double>();

        Tensor Costs((Tensor Scales, Tensor Zeros) ranges)
        {
            var columns = weight.shape[1];
            var scale = ranges.Scales.repeat_interleave(length, dim: 1).narrow(1, 0, columns);  // (d_out, d_in)
            var zero = ranges.Zeros.repeat_interleave(length, dim: 1).narrow(1, 0, columns);
            var code = weight.div(scale).round_().add_(zero).clamp_(0, search.Scheme.MaxCode);
            var cost = code.sub_(zero).mul_(scale).sub_(weight).to(ScalarType.Float64).abs_().pow_(search.Norm);
            cost = weighted ? cost.mul_(importance) : cost;
            var padding = (length - (columns % length)) % length;
            return nn.functional.pad(cost, [0, padding]).reshape(weight.shape[0], -1, length).sum(dim: 2);
        }
    }
}
