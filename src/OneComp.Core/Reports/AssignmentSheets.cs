using OneComp.Quantization;

namespace OneComp.Reports;

/// <summary>The sheets that the workbook of a plan has, before anything is written.</summary>
public static class AssignmentSheets
{
    /// <summary>
    /// Gives the sheets in order: Summary (names, values, meanings), Curve (what each candidate would cost in all layers, beside the
    /// plan; only where they were rated), Assignment (a line a layer), Heatmap (blocks by modules, bits in the cells).
    /// </summary>
    /// <param name="report">The plan.</param>
    public static IReadOnlyList<Sheet> Of(AssignmentReport report) =>
    [
        SummarySheet.Of(report.Figures, report.Settings),
        .. CandidateSheet.Of(report) is { } curve ? (Sheet[])[curve] : [],
        Table(report.Rows),
        Heatmap(report.Grid),
    ];

    /// <summary>The sheet Assignment: the rows as a table.</summary>
    internal static Sheet Table(IReadOnlyList<LayerAssignment> rows)
    {
        var bits = AssignmentColumns.All.ToList().FindIndex(column => column.Name == nameof(LayerAssignment.Bits));
        return new Sheet(
            "Assignment",
            [.. AssignmentColumns.All.Select(column => new SheetColumn(column.Name, column.Width, column.NumberFormat) { Hidden = column.Name == nameof(LayerAssignment.Costs) })],
            [.. rows.Select(row => (object?[])[.. AssignmentColumns.All.Select(column => column.Value(row))])])
        {
            TableName = "Assignment",
            FreezeFirstColumn = true,
            ColorScale = $"{Sheet.Address(1, bits)}:{Sheet.Address(rows.Count, bits)}",
        };
    }

    private static Sheet Heatmap(HeatmapGrid grid)
    {
        int columns = grid.ColumnLabels.Count;
        int widest = grid.RowLabels.Max(label => label.Length);
        var lines = grid.RowLabels.Select((label, row) =>
            (object?[])[Label(label), .. Enumerable.Range(0, columns).Select(column => Bits(grid[row, column]))]);
        return new Sheet(
            "Heatmap",
            [
                new SheetColumn(grid.HasBlocks ? "Block" : "Layer", Math.Clamp(widest + 2, 8, 40)),
                .. grid.ColumnLabels.Select(label => new SheetColumn(label, Math.Clamp(label.Length + 2, 6, 24), NumberFormats.Bits)),
            ],
            [.. lines])
        {
            ColorScale = $"{Sheet.Address(1, 1)}:{Sheet.Address(grid.RowLabels.Count, columns)}",
            FreezeFirstColumn = true,
        };

        // Numbers stay numbers, so that the column sorts.
        object Label(string label) => grid.HasBlocks && long.TryParse(label, out long block) ? block : label;
        static object? Bits(LayerAssignment? layer) => layer is null ? null : AssignmentReport.NumberOrNull(layer.Bits);
    }
}
