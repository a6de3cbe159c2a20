namespace OneComp.Evaluation;

/// <summary>Which model to measure on what.</summary>
public sealed record PerplexityOptions : EvaluationOptions;
