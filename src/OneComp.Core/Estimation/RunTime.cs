using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Grids;

namespace OneComp.Estimation;

/// <summary>
/// About how long a run takes: matrix products at the device's rate, work for each weight (range search, column loop, refining), and
/// reading and writing. The figures are measured (docs/performance.md, "How long a run takes").
/// </summary>
internal static class RunTime
{
    private const double DiskBytesPerSecond = 1e9;
    private const double StartSeconds = 1.0;      // the tensor library
    private const double RangeSteps = 480;        // of a range search with the default grid

    /// <summary>The time of a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="rates">What the device does.</param>
    public static TimeSpan Of(RunShape run, DeviceRates rates)
    {
        var seconds = StartSeconds
            + (Products(run) / rates.FlopPerSecond)
            + run.Plan.Layers.Sum(planned => Quantize(planned.Quantizer, planned.Layer, rates))
            + RatingSeconds(run, rates)
            + ((2.0 + (2.0 * run.TuningSteps)) * run.Topology.TotalParameters * run.ElementBytes / DiskBytesPerSecond);
        return TimeSpan.FromSeconds(Rounded(seconds));
    }

    // Forward and Gram matrices of the calibration windows, of two streams with error propagation. Before, windows are rewritten by a forward with logits;
    // after, tuning takes a forward of the original, and a forward and a backward of the result.
    private static double Products(RunShape run)
    {
        var (streams, grams) = run.Propagates ? (2.0, 2.0) : (1.0, 1.0);
        var logits = 2.0 * run.Config.VocabularySize * run.Hidden;
        return (run.Tokens * ((streams * Forward(run)) + (grams * 2.0 * run.Hessians.Sum() * run.Blocks)))
            + (run.ResampledTokens * (Forward(run) + logits))
            + (run.TuningTokens * 4 * (Forward(run) + logits));
    }

    // FLOP of a token: 2 for each weight, and two products of half the windows' length on average.
    private static double Forward(RunShape run) => run.Blocks * ((2.0 * run.BlockWeights) + (2.0 * run.WindowLength * run.Config.NumHeads * run.Config.HeadDim));

    // Forward, backward, and each candidate's errors times the inputs; each candidate quantizes each layer once.
    private static double RatingSeconds(RunShape run, DeviceRates rates)
    {
        if (run.Rated is not { } autoBit || run.RatingTokens == 0)
        {
            return 0;
        }

        var quantizes = autoBit.EffectiveCostMetric == CostMetric.Quantized;
        var passes = 4.0 + (quantizes ? autoBit.Quantizers.Count : 0);
        var products = run.RatingTokens * ((passes * Forward(run)) + (6.0 * run.Config.VocabularySize * run.Hidden));
        return (products / rates.FlopPerSecond) + (!quantizes ? 0 : run.Plan.Layers.Sum(planned =>
            autoBit.Quantizers.Sum(candidate => Quantize(candidate, planned.Layer, rates))));
    }

    private static double Quantize(WeightQuantizer quantizer, Models.LinearLayer layer, DeviceRates rates)
    {
        double rows = layer.OutFeatures, columns = layer.InFeatures, weights = layer.WeightCount;
        var search = quantizer is GridQuantizer { Mse: true } grid ? grid.QGrid / 600.0 * RangeSteps * weights : 0;
        return quantizer switch
        {
            GptqQuantizer gptq => (((columns * columns * columns) + (2 * rows * columns * columns * (1 + (2 * gptq.RefineIters)))) / rates.FlopPerSecond)
                + (search * rates.SecondsPerSearchStep) + (weights * rates.SecondsPerWeight * (1 + gptq.RefineIters)),
            DbfQuantizer dbf => dbf.Iters * 2 * 2 * 4 * weights * Math.Min(rows, columns) * Math.Min(1, dbf.SchemeFor(layer).Bits) / rates.FlopPerSecond,
            _ => (search * rates.SecondsPerSearchStep) + (weights * rates.SecondsPerWeight),
        };
    }

    // More than two digits would claim what an estimate does not know.
    private static double Rounded(double seconds)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(seconds, 1))) - 1);
        return Math.Round(seconds / unit) * unit;
    }
}
