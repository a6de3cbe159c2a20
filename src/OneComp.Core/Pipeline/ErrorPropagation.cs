using OneComp.Quantization;

namespace OneComp.Pipeline;

/// <summary>
/// Quantization error propagation (QEP, Arai and Ichikawa 2025): each layer is calibrated on what the layers before it, already
/// quantized, give it, and its weight is corrected beforehand towards the full-precision output.
/// </summary>
public sealed record ErrorPropagation
{
    /// <summary>Damping of the Hessian in the correction, as a share of its mean diagonal.</summary>
    public double PercDamp { get; init; } = 0.01;

    /// <summary>Share of the correction that is applied, 0 to 1.</summary>
    public double PercCorr { get; init; } = 0.5;

    /// <summary>
    /// Layers whose name holds one of these are calibrated on the quantized inputs, but not corrected. The reference leaves out mlp.down_proj;
    /// correcting it too gave lower divergence in every comparison (docs/adr/0016).
    /// </summary>
    public IReadOnlyList<string> ExcludeKeywords { get; init; } = [];

    /// <summary>True when the weight of a layer of this name is corrected.</summary>
    public bool Corrects(string layer) => PercCorr > 0 && !ExcludeKeywords.Any(keyword => layer.Contains(keyword, StringComparison.Ordinal));

    /// <exception cref="QuantizerOptionsException">A setting is out of range.</exception>
    internal void Validate()
    {
        var faults = new FaultList();
        faults.Range("QepPercDamp", PercDamp, 0, 10);
        faults.Range("QepPercCorr", PercCorr, 0, 1);
        faults.ThrowIfAny("QEP");
    }
}
