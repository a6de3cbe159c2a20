using OneComp.Quantization;

namespace OneComp.Pipeline;

/// <summary>What a run made.</summary>
public sealed record QuantizationResult : IQuantizedFolder
{
    /// <summary>Folder of the source model.</summary>
    public required string Model { get; init; }

    /// <summary>Folder of the quantized model.</summary>
    public required string Destination { get; init; }

    /// <summary>The budget as given, in bits per weight; null where there was none.</summary>
    public required double? TargetBit { get; init; }

    /// <summary>Mean bits per quantized weight, scales and zero points counted.</summary>
    public required double EffectiveBits { get; init; }

    /// <summary>Bytes of all files in the destination but run.json, which says how the run went.</summary>
    public required long CheckpointBytes { get; init; }

    /// <summary>Time from start to the last file in place.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>How each layer was quantized.</summary>
    public required IReadOnlyList<LayerAssignment> Assignment { get; init; }
}
