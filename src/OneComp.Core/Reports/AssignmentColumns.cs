namespace OneComp.Reports;

/// <summary>The columns of the plan as a table.</summary>
internal static class AssignmentColumns
{
    public static IReadOnlyList<AssignmentColumn> All { get; } =
    [
        new("Layer", row => row.Layer, 34),
        new("Block", row => (long)row.Block, 8, NumberFormats.Whole),
        new("Module", row => row.Module, 20),
        new("InFeatures", row => (long)row.InFeatures, 13, NumberFormats.Count),
        new("OutFeatures", row => (long)row.OutFeatures, 14, NumberFormats.Count),
        new("Parameters", row => row.Parameters, 15, NumberFormats.Count),
        new("Quantizer", row => row.Quantizer, 22),
        new("Bits", row => AssignmentReport.NumberOrNull(row.Bits), 8, NumberFormats.Bits),
        new("EffectiveBits", row => AssignmentReport.NumberOrNull(row.EffectiveBits), 15, NumberFormats.ExactBits),
        new("GroupSize", row => (long)row.GroupSize, 12, NumberFormats.Whole),
        new("Error", row => AssignmentReport.NumberOrNull(row.Error), 14, NumberFormats.Cost),
        new("TargetBit", row => row.TargetBit is { } target ? AssignmentReport.NumberOrNull(target) : null, 11, NumberFormats.TargetBits),
        new("Costs", row => row.Costs, 40),
    ];
}
