using static OneComp.Reports.NumberFormats;

namespace OneComp.Reports;

/// <summary>The sheets of a workbook with several budgets.</summary>
public static class CurveSheets
{
    /// <summary>Gives the sheets in order: Summary, Curve (a line a budget, with a chart), Assignment (all rows, with their TargetBit).</summary>
    /// <param name="curve">The plans.</param>
    public static IReadOnlyList<Sheet> Of(AssignmentCurve curve) =>
        [SummarySheet.Of(Figures(curve), curve.Plans[0].Settings), Points(curve), AssignmentSheets.Table(curve.Rows)];

    /// <summary>The sheet Curve.</summary>
    internal static Sheet Points(AssignmentCurve curve) => new(
        "Curve",
        [
            new SheetColumn("TargetBit", 12, TargetBits),
            new SheetColumn("EffectiveBits", 15, ExactBits),
            new SheetColumn("TotalError", 14, Cost),
            new SheetColumn("BitsLeft", 14, Count),
            new SheetColumn("ProvenGap", 12, Gap),
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
        Chart = new SheetChart("Cost by effective bits per weight", XColumn: 1, YColumn: 2, [new ChartSeries("TotalError", 0, curve.Points.Count)])
        {
            Logarithmic = curve.Points.All(point => point.TotalError > 0),
        },
    };

    private static IReadOnlyList<ReportFigure> Figures(AssignmentCurve curve)
    {
        var (first, last) = (curve.Points[0], curve.Points[^1]);
        return
        [
            new("Model", curve.Model, "folder or id of the model"),
            new("Strategy", curve.Rows[0].Plan?.Strategy, "how the plans were made"),
            new("Plans", (long)curve.Points.Count, "budgets, one plan each", Count),
            new("LeastTargetBit", first.TargetBit, "smallest budget, bits per weight", TargetBits),
            new("MostTargetBit", last.TargetBit, "largest budget, bits per weight", TargetBits),
            new("LeastBitsError", AssignmentReport.NumberOrNull(first.TotalError), "cost at the smallest budget", Cost),
            new("MostBitsError", AssignmentReport.NumberOrNull(last.TotalError), "cost at the largest budget", Cost),
            new("Layers", (long)curve.Plans[0].Rows.Count, "linear layers in each plan", Count),
            new("Parameters", curve.Plans[0].Rows.Sum(row => row.Parameters), "weights of the layers", Count),
        ];
    }
}
