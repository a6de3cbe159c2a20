namespace OneComp.Benchmarks.Quality;

/// <summary>What one recipe gave.</summary>
internal sealed record QualityRow(string Recipe, double Target, int Seed, double EffectiveBits, double Perplexity, double KLDivergence, double Top1Agreement, double Seconds);
