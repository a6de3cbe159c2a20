using OneComp.Quantization;

namespace OneComp.Pipeline;

/// <summary>How blocks are quantized.</summary>
/// <param name="Qep">Error propagation; null for none.</param>
/// <param name="CalcErrors">True to measure weight and output errors of every layer.</param>
internal sealed record BlockSettings(ErrorPropagation? Qep, bool CalcErrors)
{
    /// <summary>Whether a layer needs the Hessian of its input.</summary>
    public bool NeedsHessian(PlannedLayer planned) => CalcErrors || planned.Quantizer.NeedsHessian;
}
