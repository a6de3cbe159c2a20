namespace OneComp.Reports;

/// <summary>The first sheet of a workbook: figures and settings.</summary>
internal static class SummarySheet
{
    public static Sheet Of(IReadOnlyList<ReportFigure> figures, IReadOnlyList<KeyValuePair<string, string>> settings) => new(
        "Summary",
        [new SheetColumn("Name", 24), new SheetColumn("Value", 44) { LeftAligned = true }, new SheetColumn("Meaning", 62)],
        [
            .. figures.Select(figure => (object?[])[figure.Name, figure.Value, figure.Meaning]),
            .. settings.Select(setting => (object?[])[setting.Key, setting.Value, "setting"]),
        ])
    {
        TableName = "Summary",
        FreezeFirstColumn = true,
        LineFormats = [.. figures.Select(figure => figure.NumberFormat), .. settings.Select(_ => (string?)null)],
    };
}
