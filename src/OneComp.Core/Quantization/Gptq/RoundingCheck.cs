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
    private const double Margin = 1e-3;  // both errors are sums of products with the last bits lost
    private const int SampledRows = 64;  // at least; all are looked at where these are better rounded, or where there are few

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
        var hessian = problem.Hessian!.Matrix().to(ScalarType.Float32);
        var every = Math.Max(1, problem.Layer.OutFeatures / SampledRows);
        if (every > 1)
        {
            using var sample = NewDisposeScope();
            var (some, someRounded) = Errors(quantized, Rounded(every), every);
            if (IsBetter(some, someRounded))
            {
                return quantized;
            }
        }

        var rounded = Rounded(every: 1);
        var (found, plain) = Errors(quantized, rounded, every: 1);
        if (IsBetter(found, plain))
        {
            return quantized;
        }

        problem.Progress?.Report(new WarningEvent(string.Create(CultureInfo.InvariantCulture, $"Layer {problem.Layer.Name}: {options.Name} leaves an output error of {found:g4}, rounding to nearest {plain:g4}; it was rounded. More calibration text or a higher -PercDamp would help.")));
        quantized.Dispose();
        rounded.MoveToOuterDisposeScope();
        return rounded;

        GroupedWeight Rounded(int every)
        {
            var weight = Rows(problem.Weight, every);
            var scheme = quantized.Scheme;
            var own = ranges is { } known ? (Rows(known.Scales, every), Rows(known.Zeros, every)) : GroupRanges.Find(
                weight,
                scheme.GroupLength(problem.Layer.InFeatures),
                options.SearchFor(scheme),
                options.WeightedMse ? problem.Hessian!.InputMoments() : null);
            return RtnSolver.Round(problem.Layer, scheme, weight, own);
        }

        (double Quantized, double Rounded) Errors(GroupedWeight quantized, GroupedWeight rounded, int every)
        {
            var some = GroupedWeight.Dequantize(Rows(quantized.Codes, every), Rows(quantized.Scales, every), Rows(quantized.Zeros, every), quantized.GroupIndex);
            var both = stack([Error(some), Error(rounded.Dequantize())]).cpu().data<double>().ToArray(); // one wait for the device
            return (both[0], both[1]);

            Tensor Error(Tensor weight)
            {
                using var inner = NewDisposeScope();
                var difference = weight.sub_(Rows(problem.Weight, every));                   // (rows, d_in)
                return ShortProduct.Of(difference, hessian).mul_(difference).sum(ScalarType.Float64).div_(2).MoveToOuterDisposeScope();
            }
        }
    }

    private static bool IsBetter(double quantized, double rounded) => quantized <= rounded * (1 + Margin) || !double.IsFinite(rounded); // not where the first is NaN

    private static Tensor Rows(Tensor tensor, int every) => every == 1 ? tensor : tensor.slice(0, 0, tensor.shape[0], every).contiguous();
}
