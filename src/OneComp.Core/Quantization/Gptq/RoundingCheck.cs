using System.Globalization;
using OneComp.Progress;
using OneComp.Quantization.Grids;
using OneComp.Quantization.Rtn;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>
/// Holds a quantized layer against plain rounding of the same weight (with error propagation the corrected one, which is what was to be
/// met) under the same bits, groups, search of ranges and Hessian, and keeps the better (docs/adr/0028).
/// </summary>
internal static class RoundingCheck
{
    private const double Margin = 1e-3; // both errors are sums of products with the last bits lost

    /// <summary>The better of the two.</summary>
    /// <param name="problem">The layer, with a Hessian.</param>
    /// <param name="options">How it was quantized.</param>
    /// <param name="quantized">What came of it. Taken over.</param>
    /// <param name="ranges">The ranges of W's own groups in the model's order, (d_out, groups), where they are known; borrowed.</param>
    /// <returns>The argument, or W rounded, with a warning; the caller's dispose scope owns it.</returns>
    public static GroupedWeight Better(LayerProblem problem, GptqQuantizer options, GroupedWeight quantized, (Tensor Scales, Tensor Zeros)? ranges)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var scheme = quantized.Scheme;
        ranges ??= GroupRanges.Find(
            problem.Weight,
            scheme.GroupLength(problem.Layer.InFeatures),
            options.SearchFor(scheme),
            options.WeightedMse ? problem.Hessian!.InputMoments() : null);
        var rounded = RtnSolver.Round(problem.Layer, scheme, problem.Weight, ranges.Value);
        var (found, plain) = Errors(problem, quantized, rounded);
        if (found <= plain * (1 + Margin) || !double.IsFinite(plain)) // not where the first is NaN
        {
            return quantized;
        }

        problem.Progress?.Report(new WarningEvent(string.Create(CultureInfo.InvariantCulture, $"Layer {problem.Layer.Name}: {options.Name} leaves an output error of {found:g4}, rounding to nearest {plain:g4}; it was rounded. More calibration text or a higher -PercDamp would help.")));
        quantized.Dispose();
        rounded.MoveToOuterDisposeScope();
        return rounded;
    }

    /// <summary>½·tr(ΔW·H·ΔWᵀ), the mean over tokens of ‖ΔW·x‖², of both.</summary>
    private static (double Quantized, double Rounded) Errors(LayerProblem problem, GroupedWeight quantized, GroupedWeight rounded)
    {
        using var scope = NewDisposeScope();
        var hessian = problem.Hessian!.Matrix().to(ScalarType.Float32);
        var both = stack([Error(quantized), Error(rounded)]).cpu().data<double>().ToArray(); // one wait for the device
        return (both[0], both[1]);

        Tensor Error(GroupedWeight weight)
        {
            using var inner = NewDisposeScope();
            var difference = weight.Dequantize().sub_(problem.Weight);                       // (d_out, d_in)
            return ShortProduct.Of(difference, hessian).mul_(difference).sum(ScalarType.Float64).div_(2).MoveToOuterDisposeScope();
        }
    }
}
