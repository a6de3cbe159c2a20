using OneComp.Quantization.Grids;
using static TorchSharp.torch;

namespace OneComp.Quantization.Rtn;

/// <summary>Round to nearest of one layer.</summary>
internal static class RtnSolver
{
    /// <summary>Quantizes a layer; no Hessian is needed.</summary>
    public static GroupedWeight Quantize(LayerProblem problem, RtnQuantizer options, CancellationToken token = default)
    {
        var scheme = options.SchemeFor(problem.Layer);
        var columns = problem.Layer.InFeatures;
        var groupLength = scheme.GroupLength(columns);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var weight = problem.Weight.to(ScalarType.Float32);
        var (scales, zeros) = GroupRanges.Find(weight, groupLength, options.SearchFor(scheme), token: token);

        int[] groupIndex = [.. Enumerable.Range(0, columns).Select(column => column / groupLength)];
        var group = tensor(groupIndex, dtype: ScalarType.Int64, device: weight.device);
        var codes = weight.div(scales.index_select(1, group)).round_().add_(zeros.index_select(1, group)).clamp_(0, scheme.MaxCode);
        return new GroupedWeight(
            problem.Layer,
            scheme,
            codes.to(ScalarType.Byte).MoveToOuterDisposeScope(),
            scales.to(ScalarType.Float16).MoveToOuterDisposeScope(),
            zeros.to(ScalarType.Byte).MoveToOuterDisposeScope(),
            groupIndex);
    }
}
