namespace OneComp.Reports;

/// <summary>The sheets of a workbook with several budgets.</summary>
public static class CurveSheets
{
    /// <summary>Gives the sheets in order: Assignment (all rows, with their TargetBit) and Curve (a line a budget, with a chart).</summary>
    /// <param name="curve">The plans.</param>
    public static IReadOnlyList<Sheet> Of(AssignmentCurve curve) => [AssignmentSheets.Table(curve.Rows), Curve(curve)];

    private static Sheet Curve(AssignmentCurve curve) => new(
        "Curve",
        [
            new SheetColumn("TargetBit", 12, "0.###"),
            new SheetColumn("EffectiveBits", 15, "0.0000"),
            new SheetColumn("TotalError", 14, "0.0000E+00"),
            new SheetColumn("BitsLeft", 14, "#,##0"),
            new SheetColumn("ProvenGap", 12, "0.0E+00"),
        ],
        [.. curve.Points.Select(point => (object?[])
        [
            point.TargetBit,
            AssignmentReport.NumberOrNull(point.EffectiveBits),
            AssignmentReport.NumberOrNull(point.TotalError),
            point.BitsLeft,
            point.ProvenGap,
        ])])
    {
        TableName = "Curve",
        Chart = new SheetChart("Cost by effective bits per weight", XColumn: 1, YColumn: 2),
    };
}
