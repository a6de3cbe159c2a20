namespace OneComp.Quantization;

/// <summary>Which quantizer each layer gets. Layers that are not in it stay as they are.</summary>
internal sealed class QuantizationPlan
{
    public QuantizationPlan(IReadOnlyList<PlannedLayer> layers, AssignmentSummary summary)
    {
        Layers = layers;
        Summary = summary;
        ByName = layers.ToDictionary(layer => layer.Layer.Name);
    }

    /// <summary>In model order.</summary>
    public IReadOnlyList<PlannedLayer> Layers { get; }

    public AssignmentSummary Summary { get; }

    public IReadOnlyDictionary<string, PlannedLayer> ByName { get; }

    /// <summary>Mean effective bits over the weights of <paramref name="layers"/>.</summary>
    public static double EffectiveBitsOf(IReadOnlyList<PlannedLayer> layers) =>
        layers.Sum(layer => layer.Scheme.EffectiveBits(layer.Layer) * layer.Parameters) / layers.Sum(layer => layer.Parameters);

    /// <summary>The plan as rows for people, under <paramref name="summary"/>.</summary>
    public IReadOnlyList<LayerAssignment> Rows(AssignmentSummary summary) => [.. Layers.Select(planned => new LayerAssignment
    {
        Layer = planned.Layer.Name,
        Block = planned.Layer.Block,
        Module = planned.Layer.Module,
        InFeatures = planned.Layer.InFeatures,
        OutFeatures = planned.Layer.OutFeatures,
        Quantizer = planned.Quantizer.Name,
        Bits = planned.Scheme.Bits,
        EffectiveBits = planned.Scheme.EffectiveBits(planned.Layer),
        GroupSize = planned.Scheme.GroupSize,
        Error = planned.Cost,
        TargetBit = summary.TargetBit,
        Costs = planned.Costs?.ToString(),
        WeightError = planned.Errors?.Weight,
        OutputError = planned.Errors?.Output,
        Plan = summary,
    })];
}
