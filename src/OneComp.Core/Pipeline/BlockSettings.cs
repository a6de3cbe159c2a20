using OneComp.Quantization.Tuning;

namespace OneComp.Pipeline;

/// <summary>How blocks are quantized.</summary>
/// <param name="Qep">Error propagation; null for none.</param>
/// <param name="Tuning">Tuning of whole blocks, which takes error propagation; null for none.</param>
/// <param name="Seed">Seed of the order of windows in tuning.</param>
/// <param name="CalcErrors">True to measure weight and output errors of every layer.</param>
/// <param name="Guided">True to count each token by the loss's gradient in the Hessians; takes error propagation.</param>
internal sealed record BlockSettings(ErrorPropagation? Qep, BlockTuning? Tuning, int Seed, bool CalcErrors, bool Guided = false);
