using OneComp.Models;

namespace OneComp.Estimation;

/// <summary>What the tensors of one kind take: a row of <see cref="VramEstimate.Tensors"/>.</summary>
public sealed record TensorKindMemory
{
    /// <summary>The kind; Linear is what is quantized.</summary>
    public required TensorKind Kind { get; init; }

    /// <summary>Tensors of the source model.</summary>
    public required int Tensors { get; init; }

    /// <summary>Their elements.</summary>
    public required long Parameters { get; init; }

    /// <summary>Bits of an element in a GPU's memory, scales and zero points counted.</summary>
    public required double BitsPerWeight { get; init; }

    /// <summary>What they take of each GPU's memory (1 GB = 1e9 bytes).</summary>
    public required double GpuGB { get; init; }

    /// <summary>What they take of the checkpoint.</summary>
    public required double CheckpointGB { get; init; }
}
