using OneComp.Calibration;
using OneComp.Quantization;
using OneComp.Records;

namespace OneComp.Pipeline;

/// <summary>What a plan needs: a model, a quantizer, text to rate layers with, and where to compute.</summary>
public record PlanOptions
{
    /// <summary>Folder of the model.</summary>
    public required string Model { get; init; }

    /// <summary>The quantizer.</summary>
    public required Quantizer Quantizer { get; init; }

    /// <summary>
    /// Rows that say what each layer gets, for the quantizer to carry out as they are; null to plan. The quantizer gives the
    /// candidates. A layer without a row, or with a row without a quantizer, stays as it is.
    /// </summary>
    public IReadOnlyList<LayerAssignment>? Assignment { get; init; }

    /// <summary>Text or token ids; null for the text that comes with the module.</summary>
    public string? CalibrationPath { get; init; }

    /// <summary>Text field or column of the calibration file.</summary>
    public string TextColumn { get; init; } = TextSource.DefaultTextColumn;

    /// <summary>Tensor of the calibration file, where it holds token ids in several.</summary>
    public string? TensorName { get; init; }

    /// <summary>How windows are cut from the text.</summary>
    public CalibrationStrategy CalibrationStrategy { get; init; } = CalibrationStrategy.ConcatChunkAlign;

    /// <summary>Seed of whatever is drawn at random.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// cpu, cuda, cuda:1; null for the first GPU, or the CPU where there is none. Several by commas share a quantization's work; what is not shared
    /// goes to the first.
    /// </summary>
    [FreeSetting(Recorded = true)]
    public string? Device { get; init; }

    /// <summary>Most memory of each GPU to take, in GB (1e9 bytes); null for what there is. Batches are made smaller for it, and states kept in main memory.</summary>
    [FreeSetting(Recorded = true)]
    public double? MaxGpuMemoryGB { get; init; }
}
