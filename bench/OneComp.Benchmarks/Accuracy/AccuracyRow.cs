namespace OneComp.Benchmarks.Accuracy;

/// <summary>One method against float64.</summary>
/// <param name="Tokens">Inputs that made the Hessian.</param>
/// <param name="Method">Its name.</param>
/// <param name="EqualCodes">Share of equal codes.</param>
/// <param name="WeightError">Σ(W - Ŵ)² over float64's, less 1.</param>
/// <param name="OutputError">tr(ΔW·H·ΔWᵀ) over float64's, less 1.</param>
internal sealed record AccuracyRow(int Tokens, string Method, double EqualCodes, double WeightError, double OutputError);
