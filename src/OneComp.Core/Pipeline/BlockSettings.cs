namespace OneComp.Pipeline;

/// <summary>How blocks are quantized.</summary>
/// <param name="Qep">Error propagation; null for none.</param>
/// <param name="CalcErrors">True to measure weight and output errors of every layer.</param>
internal sealed record BlockSettings(ErrorPropagation? Qep, bool CalcErrors);
