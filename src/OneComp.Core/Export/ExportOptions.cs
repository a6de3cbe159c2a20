using OneComp.Records;

namespace OneComp.Export;

/// <summary>An export: from where, to what, where to.</summary>
public sealed record ExportOptions
{
    /// <summary>Folder of a quantized model.</summary>
    public required string Model { get; init; }

    /// <summary>Folder of the result.</summary>
    public required string Destination { get; init; }

    /// <summary>The form of the result.</summary>
    public ExportFormat Format { get; init; } = ExportFormat.Gptq;

    /// <summary>Gguf: what is stored where a layer does not fit exactly.</summary>
    public GgufFallback Fallback { get; init; } = GgufFallback.F16;

    /// <summary>Gguf: llama.cpp's name of the pre-tokenizer; null to recognise it by its pattern.</summary>
    public string? PreTokenizer { get; init; }

    /// <summary>Dequantized: type of the weights.</summary>
    public DenseType DenseType { get; init; } = DenseType.Auto;

    /// <summary>Gptq and CompressedTensors: GPUs that a server will divide each layer over; groups are divided, exactly, to fit.</summary>
    public int TensorParallel { get; init; } = 1;

    /// <summary>True to replace what is at the destination.</summary>
    [FreeSetting]
    public bool Force { get; init; }
}
