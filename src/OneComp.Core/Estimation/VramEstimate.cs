namespace OneComp.Estimation;

/// <summary>The average bits per weight with which a model fits a GPU. Memory is that of one GPU; 1 GB = 1e9 bytes.</summary>
public sealed record VramEstimate
{
    /// <summary>Folder of the model.</summary>
    public required string Model { get; init; }

    /// <summary>How it was estimated.</summary>
    public EstimateMethod Method { get; init; } = EstimateMethod.OneComp;

    /// <summary>Bits per quantized weight that fit, before scales and zero points.</summary>
    public required double TargetBitwidth { get; init; }

    /// <summary><see cref="TargetBitwidth"/>, by the name that quantizers have for it.</summary>
    public double TargetBit => TargetBitwidth;

    /// <summary>Memory of the GPU.</summary>
    public required double TotalVramGB { get; init; }

    /// <summary>What may be taken of it.</summary>
    public required double BudgetGB { get; init; }

    /// <summary>What is kept free beside the share; null where it was not asked for.</summary>
    public double? ReserveGB { get; init; }

    /// <summary>Keys and values of the sequences; null where they were not counted.</summary>
    public double? KvCacheGB { get; init; }

    /// <summary>Activations and logits; null where they were not counted.</summary>
    public double? WorkspaceGB { get; init; }

    /// <summary>Weights that stay in half precision.</summary>
    public required double NonQuantWeightGB { get; init; }

    /// <summary>What is left for quantized weights.</summary>
    public required double AvailableForQuantGB { get; init; }

    /// <summary>Parameters of the model.</summary>
    public required long TotalParams { get; init; }

    /// <summary>Parameters that are quantized.</summary>
    public required long QuantizableParams { get; init; }

    /// <summary>Bits per quantized weight for scales, zero points and the like.</summary>
    public required double MetaBitsPerParam { get; init; }

    /// <summary>Bytes of the folder that a run at <see cref="TargetBit"/> (8 at most) writes; null where they were not counted.</summary>
    public long? CheckpointBytes { get; init; }

    /// <summary>Tokens of a sequence that the KV cache is for; null where it was not counted.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Sequences at once; null where they were not counted.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Bits of a number in the KV cache; null where it was not counted.</summary>
    public int? KvBits { get; init; }

    /// <summary>GPUs that the model is divided over.</summary>
    public int TensorParallel { get; init; } = 1;

    /// <summary>What the tensors take by kind, at <see cref="TargetBit"/>; empty where they were not counted.</summary>
    public IReadOnlyList<TensorKindMemory> Tensors { get; init; } = [];
}
