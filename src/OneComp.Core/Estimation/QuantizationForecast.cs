using OneComp.Export;

namespace OneComp.Estimation;

/// <summary>What a run would do, without weights being loaded: its plan, its files, its memory and about how long it takes.</summary>
public sealed record QuantizationForecast
{
    /// <summary>The model: a folder, or an id. Not named Model: what flows on in a pipeline would be the model that is not quantized.</summary>
    public required string Source { get; init; }

    /// <summary>Folder of the result.</summary>
    public required string Destination { get; init; }

    /// <summary>The form of the result.</summary>
    public required ExportFormat Format { get; init; }

    /// <summary>The quantizer in short.</summary>
    public required string Quantizer { get; init; }

    /// <summary>Where the run would compute.</summary>
    public required string Device { get; init; }

    /// <summary>Layers to quantize.</summary>
    public required int Layers { get; init; }

    /// <summary>Linear layers that stay as they are, the head among them.</summary>
    public required int PlainLayers { get; init; }

    /// <summary>Weights to quantize.</summary>
    public required long QuantizedParams { get; init; }

    /// <summary>Parameters of the model.</summary>
    public required long TotalParams { get; init; }

    /// <summary>The budget as given, in bits per weight; null where there is none.</summary>
    public required double? TargetBit { get; init; }

    /// <summary>Mean bits of a code; the layers' own where <see cref="IsPlanKnown"/>, else what fills the budget.</summary>
    public required double Bits { get; init; }

    /// <summary>Mean bits per quantized weight, scales and zero points counted.</summary>
    public required double EffectiveBits { get; init; }

    /// <summary>True where each layer's bits are known; false where candidates have to be rated first, which needs the weights.</summary>
    public required bool IsPlanKnown { get; init; }

    /// <summary>Bytes of the source's weights.</summary>
    public required long SourceBytes { get; init; }

    /// <summary>Bytes of all files of the result.</summary>
    public required long CheckpointBytes { get; init; }

    /// <summary>Free bytes of the disk that the result goes to; null where the system does not say.</summary>
    public required long? FreeDiskBytes { get; init; }

    /// <summary>Calibration windows of the quantization, those that the model rewrites among them; 0 where no layer is calibrated.</summary>
    public required int CalibrationWindows { get; init; }

    /// <summary>Tokens in them.</summary>
    public required long CalibrationTokens { get; init; }

    /// <summary>Tokens that candidates are rated on before; 0 where none are.</summary>
    public required long RatingTokens { get; init; }

    /// <summary>Most memory of the GPU, in bytes; 0 on the CPU. About: see docs/performance.md.</summary>
    public required long PeakGpuBytes { get; init; }

    /// <summary>Most main memory, in bytes. About: see docs/performance.md.</summary>
    public required long PeakHostBytes { get; init; }

    /// <summary>About how long the run takes, within a factor of two on the machine that the run is for.</summary>
    public required TimeSpan EstimatedTime { get; init; }
}
