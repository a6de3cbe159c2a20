namespace OneComp.Evaluation;

/// <summary>How far a model's next-token distributions lie from those of the model it was made from.</summary>
public sealed record DivergenceResult
{
    /// <summary>Folder of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Folder of the model it is held against.</summary>
    public required string Reference { get; init; }

    /// <summary>The text.</summary>
    public required string Path { get; init; }

    /// <summary>Mean over tokens of KL(reference ‖ model) in nats; 0 for equal models.</summary>
    public required double KLDivergence { get; init; }

    /// <summary>Share of tokens for which both find the same token most probable, 0 to 1.</summary>
    public required double Top1Agreement { get; init; }

    /// <summary>Perplexity of the model.</summary>
    public required double Perplexity { get; init; }

    /// <summary>Perplexity of the model it is held against.</summary>
    public required double ReferencePerplexity { get; init; }

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
