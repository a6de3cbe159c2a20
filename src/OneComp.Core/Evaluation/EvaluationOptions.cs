using OneComp.Calibration;

namespace OneComp.Evaluation;

/// <summary>What to measure on, and where.</summary>
public abstract record EvaluationOptions
{
    /// <summary>Folder of the model, quantized or not.</summary>
    public required string Model { get; init; }

    /// <summary>Text, or token ids in a safetensors file: each row is a window of its own then.</summary>
    public required string Path { get; init; }

    /// <summary>Text field or column.</summary>
    public string TextColumn { get; init; } = TextSource.DefaultTextColumn;

    /// <summary>Tensor with the token ids, where the file has several.</summary>
    public string? TensorName { get; init; }

    /// <summary>Tokens of a window; null for 2048, or the model's context where that is shorter. Cuts rows of token ids.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Tokens from one window's start to the next; null for <see cref="MaxLength"/>. Text only.</summary>
    public int? Stride { get; init; }

    /// <summary>Where to compute; null for the first GPU, or the CPU.</summary>
    public string? Device { get; init; }
}
