using ScottPlot;
using ScottPlot.TickGenerators;

namespace OneComp.Reports;

/// <summary>The grid of a heatmap.</summary>
internal static class HeatmapCells
{
    public static HeatmapLayout Draw(Plot plot, AssignmentReport report)
    {
        var grid = report.Grid;
        int rows = grid.RowLabels.Count, columns = grid.ColumnLabels.Count;
        var layout = HeatmapLayout.Of(grid.RowLabels, grid.ColumnLabels);
        Heatmap.Furnish(plot, report, layout);
        DrawColumnLabels(plot, grid, layout);

        var colors = new BitColors(report);
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                if (grid[row, column] is { } layer)
                {
                    DrawCell(plot, layer, column, rows - 1 - row, colors, layout);
                }
            }
        }

        DrawColorBar(plot, colors, rows, columns);
        plot.Axes.SetLimits(-0.5, columns - 0.5, -0.5, rows - 0.5);
        plot.Axes.SetLimitsX(-0.5, columns - 0.5, plot.Axes.Top); // nothing is drawn on it, but it has the labels
        return layout;
    }

    private static void DrawCell(Plot plot, Quantization.LayerAssignment layer, double x, double y, BitColors colors, HeatmapLayout layout)
    {
        var color = colors.Of(layer);
        var cell = plot.Add.Rectangle(x - 0.5, x + 0.5, y - 0.5, y + 0.5);
        cell.FillColor = color;
        cell.LineColor = Colors.White;
        cell.LineWidth = layout.TextSize > 0 ? 1 : 0;
        if (layout.TextSize > 0 && double.IsFinite(layer.Bits))
        {
            var text = plot.Add.Text(HeatmapTitle.Bits(layer.Bits), x, y);
            text.LabelFontName = HeatmapFont.Name;
            text.LabelFontSize = layout.TextSize;
            text.LabelFontColor = BitColors.TextOn(color);
            text.LabelAlignment = Alignment.MiddleCenter;
        }
    }

    private static void DrawColumnLabels(Plot plot, HeatmapGrid grid, HeatmapLayout layout)
    {
        var axis = plot.Axes.Top;
        Heatmap.Label(axis, grid.ColumnLabels, layout.ColumnLabelStep, column => column);
        axis.MinimumSize = layout.Top - HeatmapLayout.TitleHeight; // the title stands above
        if (layout.Upright)
        {
            axis.TickLabelStyle.Rotation = -90;
            axis.TickLabelStyle.Alignment = Alignment.MiddleLeft;
        }
    }

    // The bar takes its colours from an axis; a plottable with nothing to draw carries it.
    private static void DrawColorBar(Plot plot, BitColors colors, int rows, int columns)
    {
        var source = plot.Add.Heatmap(new double[1, 1]);
        source.Colormap = BitColors.Map;
        source.ManualRange = colors.Range;
        source.IsVisible = false;
        source.Position = new CoordinateRect(-0.5, columns - 0.5, -0.5, rows - 0.5);
        var bar = plot.Add.ColorBar(source);
        bar.Width = 16;
        bar.Label = "bits";
        bar.LabelStyle.FontName = HeatmapFont.Name;
        bar.LabelStyle.FontSize = HeatmapLayout.LabelSize;
        bar.Axis.TickLabelStyle.FontName = HeatmapFont.Name;
        bar.Axis.TickGenerator = new NumericManual([.. colors.Widths], [.. colors.Widths.Select(HeatmapTitle.Bits)]);
    }
}
