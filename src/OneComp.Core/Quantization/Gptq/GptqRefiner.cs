using OneComp.Quantization.Grids;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>
/// Improves a quantized layer: scales by least squares for its codes, then codes by coordinate descent for its scales, in turn. What
/// GPTQ rounded early it could not take back; here it can.
/// </summary>
internal static class GptqRefiner
{
    /// <summary>Refines a layer; its codes and scales are replaced.</summary>
    /// <param name="problem">The layer, with a Hessian.</param>
    /// <param name="quantized">What is refined. Taken over.</param>
    /// <param name="rounds">Rounds of scales and codes.</param>
    /// <param name="percDamp">Damping as a share of the mean diagonal.</param>
    /// <param name="token">Asked before each round.</param>
    /// <returns>The refined weight, which the caller owns.</returns>
    public static GroupedWeight Run(LayerProblem problem, GroupedWeight quantized, int rounds, double percDamp, CancellationToken token)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var device = problem.Weight.device;
        var scheme = quantized.Scheme;
        var length = scheme.GroupLength(problem.Layer.InFeatures);
        var order = tensor(quantized.GroupIndex, dtype: ScalarType.Int64, device: device).sort(stable: true).Indices; // groups in a row
        var hessian = Damped(problem, percDamp).index_select(0, order).index_select(1, order).contiguous();
        var wanted = SplitProduct.Of(problem.Weight.index_select(1, order), hessian);                                       // W·H, (d_out, d_in)
        var group = arange(problem.Layer.InFeatures, dtype: ScalarType.Int64, device: device).div(length, RoundingMode.floor);
        var zeros = quantized.Zeros.to(ScalarType.Float32).index_select(1, group);
        var codes = quantized.Codes.to(ScalarType.Float32).index_select(1, order).contiguous();
        var scales = quantized.Scales.to(ScalarType.Float32);
        for (var round = 0; round < rounds; round++)
        {
            token.ThrowIfCancellationRequested();
            using var roundScope = NewDisposeScope();
            var centred = codes - zeros;
            scales = GroupScaleFit.Of(wanted, hessian, centred, scales, length).to(ScalarType.Float16).to(ScalarType.Float32).MoveToOuterDisposeScope(); // as they are saved
            var spread = scales.index_select(1, group);                                                                  // (d_out, d_in)
            var gradient = wanted.clone();
            SplitProduct.Subtract(gradient, centred.mul_(spread), hessian);                                                // (W - Ŵ)·H
            CodeDescent.Sweep(gradient, hessian, codes, spread, zeros, scheme.MaxCode, token);
        }

        scales = GroupScaleFit.Of(wanted, hessian, codes - zeros, scales, length);
        var inModelOrder = empty_like(quantized.Codes);
        inModelOrder.index_copy_(1, order, codes.to(ScalarType.Byte));
        var refined = new GroupedWeight(
            problem.Layer,
            scheme,
            inModelOrder.MoveToOuterDisposeScope(),
            scales.to(ScalarType.Float16).MoveToOuterDisposeScope(),
            quantized.Zeros.clone().MoveToOuterDisposeScope(),
            quantized.GroupIndex);
        quantized.Dispose();
        return refined;
    }

    private static Tensor Damped(LayerProblem problem, double percDamp)
    {
        var hessian = problem.Hessian!.Matrix().to(ScalarType.Float32);
        var diagonal = hessian.diagonal();
        diagonal.add_(diagonal.mean() * percDamp);
        diagonal.masked_fill_(diagonal.eq(0), 1); // inputs that were always zero, without damping
        return hessian;
    }
}
