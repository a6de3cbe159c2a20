namespace OneComp.Quantization;

/// <summary>What holds for a plan as a whole.</summary>
public sealed record AssignmentSummary
{
    /// <summary>Folder of the model.</summary>
    public required string Model { get; init; }

    /// <summary>How the plan was made: ilp, activation_aware, manual, or the name of a single quantizer.</summary>
    public required string Strategy { get; init; }

    /// <summary>The budget as given, in bits per weight; null where there is none.</summary>
    public double? TargetBit { get; init; }

    /// <summary>The budget with scales and zero points counted (DESIGN: effective target); null where there is none.</summary>
    public double? EffectiveTargetBit { get; init; }

    /// <summary>Mean effective bits over the quantized weights.</summary>
    public required double EffectiveBits { get; init; }

    /// <summary>Sum of the rows' costs.</summary>
    public double TotalError { get; init; } = double.NaN;

    /// <summary>Bits that codes, scales and zero points of the planned layers take on the disk, padding counted.</summary>
    public long? BitsUsed { get; init; }

    /// <summary>Bits of the budget that are left; null where there is no budget.</summary>
    public long? BitsLeft { get; init; }

    /// <summary>What proved the plan: a solver of OR-Tools, or relaxation where that was proof enough; null where nothing was solved.</summary>
    public string? Solver { get; init; }

    /// <summary>By how much another plan could cost less at most, as a share of the total; null where nothing was solved.</summary>
    public double? ProvenGap { get; init; }

    /// <summary>Time of the solver; null where nothing was solved.</summary>
    public TimeSpan? SolveTime { get; init; }

    /// <summary>Bytes of the saved checkpoint; null before it is saved.</summary>
    public long? CheckpointBytes { get; init; }

    /// <summary>Settings of the run, in the order to show them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; } = [];

    /// <summary>What each candidate would cost in all layers, for the chart of bits against cost; empty where none was rated.</summary>
    internal IReadOnlyList<CandidateTotal> Candidates { get; init; } = [];
}
