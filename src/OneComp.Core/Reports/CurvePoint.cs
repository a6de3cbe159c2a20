namespace OneComp.Reports;

/// <summary>One budget of a curve.</summary>
/// <param name="TargetBit">The budget as given, in bits per weight.</param>
/// <param name="EffectiveBits">Mean effective bits of the plan.</param>
/// <param name="TotalError">Its cost.</param>
/// <param name="BitsLeft">Bits of the budget that are left; null for rows without a plan.</param>
/// <param name="ProvenGap">By how much another plan could cost less at most; null for rows without a plan.</param>
public sealed record CurvePoint(double TargetBit, double EffectiveBits, double TotalError, long? BitsLeft, double? ProvenGap)
{
    internal static CurvePoint Of(AssignmentReport plan, double target)
    {
        var summary = plan.Rows[0].Plan;
        return new CurvePoint(target, plan.AverageEffectiveBits, plan.Rows.Sum(row => row.Error), summary?.BitsLeft, summary?.ProvenGap);
    }
}
