using OneComp.Pipeline;

namespace OneComp.Compression;

/// <summary>What the whole job made, in one flat row.</summary>
public sealed record CompressionResult : IQuantizedFolder
{
    /// <summary>The source: a folder, or an id.</summary>
    public required string Model { get; init; }

    /// <summary>Folder of the quantized model.</summary>
    public required string Destination { get; init; }

    /// <summary>The budget in bits per weight, before scales and zero points.</summary>
    public required double TargetBit { get; init; }

    /// <summary>Mean bits per quantized weight, scales and zero points counted.</summary>
    public required double EffectiveBits { get; init; }

    /// <summary>Quantized layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Perplexity of the result; null where it was not measured.</summary>
    public required double? Perplexity { get; init; }

    /// <summary>Perplexity of the source; null where it was not measured.</summary>
    public required double? OriginalPerplexity { get; init; }

    /// <summary>Text that they were measured on; null where none was.</summary>
    public required string? EvaluationPath { get; init; }

    /// <summary>Bytes of the source's weight files.</summary>
    public required long OriginalBytes { get; init; }

    /// <summary>Bytes of all files of the result.</summary>
    public required long CheckpointBytes { get; init; }

    /// <summary>How many times smaller the result is.</summary>
    public double Ratio => (double)OriginalBytes / CheckpointBytes;

    /// <summary>Seconds from start to end.</summary>
    public required double Seconds { get; init; }

    /// <summary>The workbook with each layer's bits.</summary>
    public required string Workbook { get; init; }

    /// <summary>The picture of each layer's bits.</summary>
    public required string Heatmap { get; init; }
}
