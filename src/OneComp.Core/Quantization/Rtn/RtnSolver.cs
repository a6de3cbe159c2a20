using OneComp.Models;
using OneComp.Quantization.Grids;
using static TorchSharp.torch;

namespace OneComp.Quantization.Rtn;

/// <summary>Round to nearest of one layer.</summary>
internal static class RtnSolver
{
    /// <summary>Quantizes a layer; no Hessian is needed.</summary>
    /// <exception cref="NumericException">The weight is not finite or too large.</exception>
    public static GroupedWeight Quantize(LayerProblem problem, RtnQuantizer options, CancellationToken token = default)
    {
        var scheme = options.SchemeFor(problem.Layer);
        WeightCheck.Require(problem, scheme.MostWeight);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var weight = problem.Weight.to(ScalarType.Float32);
        var rounded = Round(problem.Layer, scheme, weight, GroupRanges.Find(weight, scheme.GroupLength(problem.Layer.InFeatures), options.SearchFor(scheme), token: token));
        rounded.MoveToOuterDisposeScope();
        return rounded;
    }

    /// <summary>Rounds each weight to the closest point of its group's grid.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="scheme">Bits, group size, symmetry.</param>
    /// <param name="weight">W, (d_out, d_in), float32. Borrowed, like the ranges.</param>
    /// <param name="ranges">Scales and zero points, (d_out, groups) float32, of groups in the model's order.</param>
    /// <returns>The codes, with the ranges as they are saved; the caller's dispose scope owns the tensors.</returns>
    public static GroupedWeight Round(LinearLayer layer, GroupScheme scheme, Tensor weight, (Tensor Scales, Tensor Zeros) ranges)
    {
        using var scope = NewDisposeScope();
        var groupLength = scheme.GroupLength(layer.InFeatures);
        var (scales, zeros) = ranges;
        int[] groupIndex = [.. Enumerable.Range(0, layer.InFeatures).Select(column => column / groupLength)];
        var group = tensor(groupIndex, dtype: ScalarType.Int64, device: weight.device);
        Tensor codes;
        using (var scale = scales.index_select(1, group)) // as large as the weight: one at a time
        {
            codes = weight.div(scale).round_();
        }

        using (var zero = zeros.index_select(1, group))
        {
            codes.add_(zero).clamp_(0, scheme.MaxCode);
        }

        return new GroupedWeight(
            layer,
            scheme,
            codes.to(ScalarType.Byte).MoveToOuterDisposeScope(),
            scales.to(ScalarType.Float16).MoveToOuterDisposeScope(),
            zeros.to(ScalarType.Byte).MoveToOuterDisposeScope(),
            groupIndex);
    }
}
