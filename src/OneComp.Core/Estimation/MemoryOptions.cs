namespace OneComp.Estimation;

/// <summary>What a model is to be served with, for <see cref="MemoryEstimator"/>.</summary>
public sealed record MemoryOptions
{
    /// <summary>The share that vLLM takes.</summary>
    public const double DefaultRatio = 0.9;

    /// <summary>Memory of one GPU, 1 GB = 1e9 bytes.</summary>
    public required double TotalVramGB { get; init; }

    /// <summary>Share of it that a server takes: vLLM's gpu_memory_utilization. What is left goes to the driver and to fragmentation.</summary>
    public double VramRatio { get; init; } = DefaultRatio;

    /// <summary>Memory of each GPU that is kept free beside that.</summary>
    public double ReserveGB { get; init; }

    /// <summary>Tokens of a sequence; null for 4096, or the model's context where that is shorter.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Sequences at once.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>Bits of a number in the KV cache.</summary>
    public int KvBits { get; init; } = 16;

    /// <summary>GPUs that the model is divided over.</summary>
    public int TensorParallel { get; init; } = 1;

    /// <summary>Weights that share a scale; -1 for a scale a row.</summary>
    public int GroupSize { get; init; } = 128;

    /// <summary>The form that is served: Gptq or CompressedTensors.</summary>
    public Export.ExportFormat Format { get; init; } = Export.ExportFormat.Gptq;

    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    internal void Validate()
    {
        Positive(TotalVramGB, nameof(TotalVramGB));
        Positive(VramRatio <= 1 ? VramRatio : 0, nameof(VramRatio));
        ArgumentOutOfRangeException.ThrowIfNegative(ReserveGB);
        ArgumentOutOfRangeException.ThrowIfLessThan(ContextLength ?? 1, 1, nameof(ContextLength));
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        Positive(KvBits is 4 or 8 or 16 or 32 ? KvBits : 0, nameof(KvBits));
        ArgumentOutOfRangeException.ThrowIfLessThan(TensorParallel, 1);
        ArgumentOutOfRangeException.ThrowIfZero(GroupSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(GroupSize, -1);
        Positive(Format is Export.ExportFormat.Gptq or Export.ExportFormat.CompressedTensors ? 1 : 0, nameof(Format));
    }

    private static void Positive(double value, string name) => ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value > 0 ? value : 0, name); // NaN counts as 0
}
