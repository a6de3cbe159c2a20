namespace OneComp.Quantization;

/// <summary>What a candidate of AutoBit would come to if every layer of the plan got it.</summary>
/// <param name="Quantizer">Its name.</param>
/// <param name="EffectiveBits">Mean bits per weight, scales and zero points counted.</param>
/// <param name="TotalError">Sum of its costs.</param>
internal sealed record CandidateTotal(string Quantizer, double EffectiveBits, double TotalError)
{
    /// <summary>A total for each candidate, the fewest bits first; none where a layer was not rated.</summary>
    public static IReadOnlyList<CandidateTotal> Of(IEnumerable<WeightQuantizer> candidates, IReadOnlyList<PlannedLayer> layers) =>
        layers.Any(layer => layer.Costs is null) ? [] :
        [
            .. candidates.Select(candidate => new CandidateTotal(
                candidate.Name,
                QuantizationPlan.EffectiveBitsOf([.. layers.Select(layer => new PlannedLayer(layer.Layer, candidate))]),
                layers.Sum(layer => layer.Costs!.Of(candidate.Name)))).OrderBy(total => total.EffectiveBits),
        ];
}
