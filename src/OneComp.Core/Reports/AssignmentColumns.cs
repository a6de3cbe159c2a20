namespace OneComp.Reports;

/// <summary>The columns of the plan as a table.</summary>
internal static class AssignmentColumns
{
    public static IReadOnlyList<AssignmentColumn> All { get; } =
    [
        new("Layer", row => row.Layer, 34),
        new("Block", row => (long)row.Block, 8, "0"),
        new("Module", row => row.Module, 20),
        new("InFeatures", row => (long)row.InFeatures, 13, "#,##0"),
        new("OutFeatures", row => (long)row.OutFeatures, 14, "#,##0"),
        new("Parameters", row => row.Parameters, 15, "#,##0"),
        new("Quantizer", row => row.Quantizer, 22),
        new("Bits", row => AssignmentReport.NumberOrNull(row.Bits), 8, "0.##"),
        new("EffectiveBits", row => AssignmentReport.NumberOrNull(row.EffectiveBits), 15, "0.0000"),
        new("GroupSize", row => (long)row.GroupSize, 12, "0"),
        new("Error", row => AssignmentReport.NumberOrNull(row.Error), 14, "0.0000E+00"),
        new("TargetBit", row => row.TargetBit is { } target ? AssignmentReport.NumberOrNull(target) : null, 11, "0.###"),
        new("Costs", row => row.Costs, 40),
    ];
}
