using OneComp.Quantization.Grids;
using static TorchSharp.torch;

namespace OneComp.Quantization.AutoBit;

/// <summary>
/// What rounding a weight to nearest would cost: Σ b_q · a_p · ΔW_qp², with the row's or group's range as it is (not widened to
/// hold zero). The rate by which the reference compares candidates.
/// </summary>
internal static class RtnError
{
    private const double SmallestScale = 1e-10;

    /// <summary>The error of one candidate.</summary>
    /// <param name="weight">W, (d_out, d_in) float32.</param>
    /// <param name="scheme">Bits and group size.</param>
    /// <param name="inputMoments">a, (d_in): mean square of each input; null for 1.</param>
    /// <param name="outputCurvature">b, (d_out): mean square of each output's gradient; null for 1.</param>
    public static double Of(Tensor weight, GroupScheme scheme, Tensor? inputMoments = null, Tensor? outputCurvature = null)
    {
        using var scope = NewDisposeScope();
        var columns = (int)weight.shape[1];
        var length = scheme.GroupLength(columns);
        var total = 0.0;
        for (var start = 0; start < columns; start += WholeGroups(columns - start, length))
        {
            var count = WholeGroups(columns - start, length);
            var squares = SquaredErrors(weight.narrow(1, start, count), Math.Min(length, count), scheme.MaxCode); // (d_out, count)
            if (inputMoments is not null)
            {
                squares.mul_(inputMoments.narrow(0, start, count));
            }

            if (outputCurvature is not null)
            {
                squares.mul_(outputCurvature.unsqueeze(1));
            }

            total += squares.sum(ScalarType.Float64).item<double>();
        }

        return total;
    }

    /// <summary>Columns that whole groups fill, or the rest where less than a group is left.</summary>
    private static int WholeGroups(int columns, int length) => columns >= length ? columns / length * length : columns;

    private static Tensor SquaredErrors(Tensor weight, int groupLength, int maxCode)
    {
        var w = weight.reshape(weight.shape[0], -1, groupLength);                     // (d_out, groups, g)
        var min = w.amin([2], keepdim: true);
        var scale = w.amax([2], keepdim: true).sub_(min).div_(maxCode).clamp_(min: SmallestScale);
        var zero = min.neg().div_(scale).round_();
        var rounded = w.div(scale).round_().add_(zero).clamp_(0, maxCode).sub_(zero).mul_(scale);
        return rounded.sub_(w).pow_(2).reshape(weight.shape[0], -1);
    }
}
