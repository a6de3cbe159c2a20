using OneComp.Quantization;
using OneComp.Quantization.AutoBit;

namespace OneComp.Pipeline.Resuming;

/// <summary>A plan that took long to make.</summary>
/// <param name="Solver">What proved it.</param>
/// <param name="ProvenGap">By how much another could cost less at most.</param>
/// <param name="SolveSeconds">Time of the solver.</param>
/// <param name="Layers">What each layer gets, in model order.</param>
internal sealed record StoredPlan(string? Solver, double? ProvenGap, double? SolveSeconds, IReadOnlyList<StoredChoice> Layers)
{
    /// <summary>The plan of an AutoBit quantizer that rated and solved; null for one that is made again in no time.</summary>
    public static StoredPlan? Of(QuantizationPlan plan, QuantizationOptions options) =>
        options.Assignment is null && options.Quantizer is AutoBitQuantizer { AssignmentStrategy: not AssignmentStrategy.Manual } autoBit
            ? new StoredPlan(
                plan.Summary.Solver,
                plan.Summary.ProvenGap,
                plan.Summary.SolveTime?.TotalSeconds,
                [.. plan.Layers.Select(planned => StoredChoice.Of(planned, autoBit))])
            : null;
}
