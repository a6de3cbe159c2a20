namespace OneComp.Reports;

/// <summary>The sheet Curve of one plan: its bits and cost beside those of each candidate in all layers, with a chart.</summary>
internal static class CandidateSheet
{
    /// <summary>The sheet; null where the candidates were not rated.</summary>
    public static Sheet? Of(AssignmentReport report)
    {
        if (report.Candidates.Count == 0 || report.Candidates.Any(candidate => !double.IsFinite(candidate.TotalError)))
        {
            return null;
        }

        var cost = report.Rows.Sum(row => row.Error);
        var candidates = report.Candidates.Count;
        return new Sheet(
            "Curve",
            [new SheetColumn("Quantizer", 26), new SheetColumn("EffectiveBits", 15, NumberFormats.ExactBits), new SheetColumn("TotalError", 14, NumberFormats.Cost)],
            [
                .. report.Candidates.Select(candidate => (object?[])[candidate.Quantizer, candidate.EffectiveBits, candidate.TotalError]),
                ["this plan", AssignmentReport.NumberOrNull(report.AverageEffectiveBits), AssignmentReport.NumberOrNull(cost)],
            ])
        {
            TableName = "Curve",
            Chart = new SheetChart("Cost by effective bits per weight", XColumn: 1, YColumn: 2,
                [new ChartSeries("one quantizer for all layers", 0, candidates), new ChartSeries("this plan", candidates, 1)])
            {
                Logarithmic = cost > 0 && report.Candidates.All(candidate => candidate.TotalError > 0),
            },
        };
    }
}
