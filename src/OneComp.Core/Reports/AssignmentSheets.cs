using OneComp.Quantization;

namespace OneComp.Reports;

/// <summary>The three sheets that the workbook of a plan has, before anything is written.</summary>
public static class AssignmentSheets
{
    /// <summary>
    /// Gives the sheets in order: Assignment (a table, a line a layer), Heatmap (blocks by modules, bits in the cells), Summary
    /// (names and values).
    /// </summary>
    /// <param name="report">The plan.</param>
    public static IReadOnlyList<Sheet> Of(AssignmentReport report) => [Table(report.Rows), Heatmap(report.Grid), Summary(report)];

    /// <summary>The sheet Assignment: the rows as a table.</summary>
    internal static Sheet Table(IReadOnlyList<LayerAssignment> rows) => new(
        "Assignment",
        [.. AssignmentColumns.All.Select(column => new SheetColumn(column.Name, column.Width, column.NumberFormat))],
        [.. rows.Select(row => (object?[])[.. AssignmentColumns.All.Select(column => column.Value(row))])])
    {
        TableName = "Assignment",
    };

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
                .. grid.ColumnLabels.Select(label => new SheetColumn(label, Math.Clamp(label.Length + 2, 6, 24), "0.##")),
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

    // Large numbers (bytes, parameters) get thousands separators; bits and errors keep their digits.
    private static Sheet Summary(AssignmentReport report) => new(
        "Summary",
        [new SheetColumn("Name", 24), new SheetColumn("Value", 44, "[>=1000]#,##0;General")],
        [
            .. report.Figures.Select(figure => (object?[])[figure.Key, figure.Value]),
            .. report.Settings.Select(setting => (object?[])[setting.Key, setting.Value]),
        ]);
}
