namespace OneComp.Evaluation;

/// <summary>Which model to hold against which, on what.</summary>
public sealed record DivergenceOptions : EvaluationOptions
{
    /// <summary>Folder of the model that <see cref="EvaluationOptions.Model"/> was made from.</summary>
    public required string Reference { get; init; }
}
