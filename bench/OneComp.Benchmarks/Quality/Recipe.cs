using OneComp.Pipeline;
using OneComp.Quantization;

namespace OneComp.Benchmarks.Quality;

/// <summary>A way to quantize a model.</summary>
/// <param name="Name">Shown in the table.</param>
/// <param name="Quantizer">For a raw target in bits.</param>
/// <param name="Qep">Error propagation; null for none.</param>
/// <param name="ResampleRounds">Rounds in which the model rewrites the calibration windows; null for the engine's own choice.</param>
/// <param name="TuneSteps">Steps that tune the scales in the end.</param>
/// <param name="Whole">True for a uniform quantizer, which only whole bits can be asked of.</param>
internal sealed record Recipe(string Name, Func<double, Quantizer> Quantizer, ErrorPropagation? Qep, int? ResampleRounds = null, int TuneSteps = 0, bool Whole = false)
{
    public bool Has(double target) => !Whole || target == Math.Floor(target);
}
