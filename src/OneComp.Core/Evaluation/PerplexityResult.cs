namespace OneComp.Evaluation;

/// <summary>How well a model predicts a text.</summary>
public sealed record PerplexityResult
{
    /// <summary>Folder of the model.</summary>
    public required string Model { get; init; }

    /// <summary>The text.</summary>
    public required string Path { get; init; }

    /// <summary>exp(Loss); lower is better.</summary>
    public double Perplexity => Math.Exp(Loss);

    /// <summary>Mean next-token cross-entropy in nats.</summary>
    public required double Loss { get; init; }

    /// <summary>Tokens predicted.</summary>
    public required long Tokens { get; init; }

    /// <summary>Windows that they lie in.</summary>
    public required int Windows { get; init; }

    /// <summary>Tokens of a window.</summary>
    public required int MaxLength { get; init; }

    /// <summary>Tokens from one window's start to the next.</summary>
    public required int Stride { get; init; }

    /// <summary>Time taken.</summary>
    public required TimeSpan Elapsed { get; init; }
}
