namespace OneComp.Estimation;

/// <summary>The average bits per weight with which a model fits a GPU, by OneComp's rule.</summary>
public sealed record VramEstimate
{
    /// <summary>Folder of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Bits per quantized weight that fit, before scales and zero points.</summary>
    public required double TargetBitwidth { get; init; }

    /// <summary><see cref="TargetBitwidth"/>, by the name that quantizers have for it.</summary>
    public double TargetBit => TargetBitwidth;

    /// <summary>Memory of the GPU (1 GB = 1e9 bytes).</summary>
    public required double TotalVramGB { get; init; }

    /// <summary>What the model may take of it.</summary>
    public required double BudgetGB { get; init; }

    /// <summary>What stays in half precision.</summary>
    public required double NonQuantWeightGB { get; init; }

    /// <summary>What is left for quantized weights.</summary>
    public required double AvailableForQuantGB { get; init; }

    /// <summary>Parameters of the model.</summary>
    public required long TotalParams { get; init; }

    /// <summary>Parameters taken to be quantized.</summary>
    public required long QuantizableParams { get; init; }

    /// <summary>Bits per weight for scales and zero points.</summary>
    public required double MetaBitsPerParam { get; init; }
}
