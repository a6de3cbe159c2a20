using OneComp.Models;

namespace OneComp.Quantization;

/// <summary>A layer and the quantizer that it gets.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Quantizer">What quantizes it.</param>
/// <param name="Cost">Its cost in the plan; NaN where none was rated.</param>
internal sealed record PlannedLayer(LinearLayer Layer, WeightQuantizer Quantizer, double Cost = double.NaN)
{
    /// <summary>Bits, group size, symmetry.</summary>
    public LayerScheme Scheme { get; } = Quantizer.SchemeFor(Layer);

    /// <summary>What each candidate costs here; null where none was rated.</summary>
    public CandidateCosts? Costs { get; init; }

    /// <summary>What quantizing did to the layer; null before, and where it was not asked for.</summary>
    public LayerErrors? Errors { get; init; }

    /// <summary>Elements of the weight.</summary>
    public long Parameters => (long)Layer.InFeatures * Layer.OutFeatures;
}
