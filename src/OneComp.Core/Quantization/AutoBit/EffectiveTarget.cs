using OneComp.Models;

namespace OneComp.Quantization.AutoBit;

/// <summary>The budget with scales and zero points counted.</summary>
internal static class EffectiveTarget
{
    /// <summary>The budget of a quantizer for these layers, in effective bits per weight; null where it has none.</summary>
    public static double? Of(AutoBitQuantizer quantizer, IReadOnlyList<LinearLayer> layers) =>
        quantizer.TargetBit is { } target ? Of(target, layers, quantizer.Quantizers)
        : quantizer.Ratios.Count > 0 ? quantizer.Ratios.Zip(quantizer.Quantizers, (ratio, candidate) => ratio * Mean(candidate, layers)).Sum()
        : null;

    /// <summary>Mean effective bits of a candidate over all layers: Σ_l n_l · eff_l,k / Σ_l n_l.</summary>
    public static double Mean(WeightQuantizer candidate, IReadOnlyList<LinearLayer> layers) =>
        layers.Sum(layer => layer.WeightCount * candidate.SchemeFor(layer).EffectiveBits(layer)) / layers.Sum(layer => layer.WeightCount);

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
