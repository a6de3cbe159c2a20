using ScottPlot;

namespace OneComp.Reports;

/// <summary>A bar for each layer, for plans whose layers belong to no block.</summary>
internal static class BitBars
{
    private const int BarWidth = 420; // of the widest bar, with its label

    public static HeatmapLayout Draw(Plot plot, AssignmentReport report)
    {
        var grid = report.Grid;
        int rows = grid.RowLabels.Count;
        var cells = HeatmapLayout.Of(grid.RowLabels, grid.ColumnLabels);
        const int Top = HeatmapLayout.TitleHeight + 8;
        var layout = cells with
        {
            CellWidth = BarWidth,
            Top = Top,
            Width = cells.Left + BarWidth + HeatmapLayout.Bottom,
            Height = cells.Height - cells.Top + Top,
        };
        Heatmap.Furnish(plot, report, layout);

        var colors = new BitColors(report);
        for (int row = 0; row < rows; row++)
        {
            DrawBar(plot, grid[row, 0]!, rows - 1 - row, colors, layout);
        }

        double most = report.Rows.Select(layer => layer.Bits).Where(double.IsFinite).DefaultIfEmpty(1).Max();
        plot.Axes.SetLimits(0, Math.Max(1, most) * 1.12, -0.5, rows - 0.5);
        return layout;
    }

    private static void DrawBar(Plot plot, Quantization.LayerAssignment layer, double y, BitColors colors, HeatmapLayout layout)
    {
        if (!double.IsFinite(layer.Bits))
        {
            return;
        }

        var bar = plot.Add.Rectangle(0, layer.Bits, y - 0.4, y + 0.4);
        bar.FillColor = colors.Of(layer);
        bar.LineWidth = 0;
        if (layout.TextSize > 0)
        {
            var text = plot.Add.Text(HeatmapTitle.Bits(layer.Bits), layer.Bits, y);
            text.LabelFontName = HeatmapFont.Name;
            text.LabelFontSize = layout.TextSize;
            text.LabelAlignment = Alignment.MiddleLeft;
            text.OffsetX = 4;
        }
    }
}
