using OneComp.Models;

namespace OneComp.Quantization.AutoBit;

/// <summary>The budget with scales and zero points counted.</summary>
internal static class EffectiveTarget
{
    /// <summary>
    /// Σ_l n_l · mean_k (t + (16 + t)/g_k) / Σ_l n_l: what candidates of <paramref name="targetBit"/> bits would take on average.
    /// </summary>
    public static double Of(double targetBit, IReadOnlyList<LinearLayer> layers, IReadOnlyList<WeightQuantizer> candidates)
    {
        double bits = 0;
        double weights = 0;
        foreach (var layer in layers)
        {
            var n = (double)layer.InFeatures * layer.OutFeatures;
            bits += n * candidates.Average(candidate => EffectiveBits.Of(targetBit, candidate.SchemeFor(layer).GroupSize, layer.InFeatures));
            weights += n;
        }

        return bits / weights;
    }
}
