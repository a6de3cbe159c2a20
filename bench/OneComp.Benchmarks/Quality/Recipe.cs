using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.Tuning;

namespace OneComp.Benchmarks.Quality;

/// <summary>A way to quantize a model.</summary>
/// <param name="Name">Shown in the table.</param>
/// <param name="Quantizer">For a raw target in bits.</param>
/// <param name="Qep">Error propagation; null for none.</param>
/// <param name="Tuning">Tuning of blocks; null for none.</param>
/// <param name="Guided">True to count tokens by the loss's gradient.</param>
/// <param name="Whole">True for a uniform quantizer, which only whole bits can be asked of.</param>
internal sealed record Recipe(string Name, Func<double, Quantizer> Quantizer, ErrorPropagation? Qep, bool Whole = false, BlockTuning? Tuning = null, bool Guided = false)
{
    public bool Has(double target) => !Whole || target == Math.Floor(target);
}
