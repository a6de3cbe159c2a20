using OneComp.Export;

namespace OneComp.Compression;

/// <summary>The whole job in one: what to compress, how far, where to, and what to find out of it.</summary>
public sealed record CompressionOptions
{
    /// <summary>Folder of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Folder of the result. The reports lie beside it: its name with -assignment.xlsx and -heatmap.png.</summary>
    public required string Destination { get; init; }

    /// <summary>The budget in bits per weight, before scales and zero points.</summary>
    public required double TargetBit { get; init; }

    /// <summary>Weights that share a scale; -1 for a scale a row.</summary>
    public int GroupSize { get; init; } = 128;

    /// <summary>The form of the result.</summary>
    public ExportFormat Format { get; init; } = ExportFormat.Gptq;

    /// <summary>True to propagate errors.</summary>
    public bool Qep { get; init; } = true;

    /// <summary>True to measure the perplexity of the result.</summary>
    public bool Evaluates { get; init; } = true;

    /// <summary>True to measure that of the source too.</summary>
    public bool EvaluatesOriginal { get; init; }

    /// <summary>Text to measure on; null for the one that comes with the module.</summary>
    public string? EvaluationPath { get; init; }

    /// <summary>Text to calibrate on; null for the one that comes with the module.</summary>
    public string? CalibrationPath { get; init; }

    /// <summary>Tensor with the token ids, where a file of them has several.</summary>
    public string? TensorName { get; init; }

    /// <summary>Calibration windows, for rating and for quantizing; null for 128, or as many as the module's text gives.</summary>
    public int? NumCalibrationSamples { get; init; }

    /// <summary>Tokens of a window, for quantizing and measuring; null for 2048, or the model's context where that is shorter.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Seed of whatever is drawn at random.</summary>
    public int Seed { get; init; }

    /// <summary>cpu, cuda, cuda:1; null for the first GPU, or the CPU where there is none. Several by commas share the quantization.</summary>
    public string? Device { get; init; }

    /// <summary>Most memory of each GPU to take, in GB (1e9 bytes); null for what there is.</summary>
    public double? MaxGpuMemoryGB { get; init; }

    /// <summary>True to replace what is at the destination.</summary>
    public bool Force { get; init; }

    /// <summary>True to go on with the unfinished run at the destination, where there is one.</summary>
    public bool Resume { get; init; }

    /// <summary>File that gets a line of JSON for each event of the quantization; null for none.</summary>
    public string? LogPath { get; init; }

    /// <summary>The report workbook.</summary>
    internal string Workbook => Path.TrimEndingDirectorySeparator(Destination) + "-assignment.xlsx";

    /// <summary>The picture of the plan.</summary>
    internal string Heatmap => Path.TrimEndingDirectorySeparator(Destination) + "-heatmap.png";
}
