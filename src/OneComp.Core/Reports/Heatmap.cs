using ScottPlot;
using ScottPlot.TickGenerators;

namespace OneComp.Reports;

/// <summary>
/// Draws a plan as a PNG: blocks down, modules across, the bits in the cells and in their colour, the weighted averages in the title. A place without a
/// layer stays blank, a layer that is not quantized is grey. Where no layer belongs to a block, a bar a layer.
/// </summary>
public static class Heatmap
{
    /// <summary>Writes the file; one that is there is replaced.</summary>
    /// <param name="path">File to write.</param>
    /// <param name="report">The plan.</param>
    /// <exception cref="IOException">Writing failed.</exception>
    public static void Write(string path, AssignmentReport report) => File.WriteAllBytes(path, ToPng(report));

    /// <summary>Writes the picture under a temporary name and renames it.</summary>
    /// <param name="path">File to write: .png.</param>
    /// <param name="report">The plan.</param>
    /// <param name="force">True to replace a file that is there.</param>
    /// <exception cref="ReportException">UnknownExtension, and as <see cref="ReportFile.Write"/>.</exception>
    public static void Write(string path, AssignmentReport report, bool force)
    {
        CheckExtension(path);
        ReportFile.Write(path, force, temporary => Write(temporary, report));
    }

    /// <summary>Says whether the file name asks for a PNG.</summary>
    /// <param name="path">File name.</param>
    /// <exception cref="ReportException">UnknownExtension.</exception>
    public static void CheckExtension(string path)
    {
        string extension = Path.GetExtension(path);
        if (!extension.Equals(".png", StringComparison.OrdinalIgnoreCase))
        {
            throw new ReportException(ReportError.UnknownExtension, path, $"'{path}' ends in '{extension}'; a heatmap is written as .png.");
        }
    }

    /// <summary>The picture's bytes.</summary>
    /// <param name="report">The plan.</param>
    public static byte[] ToPng(AssignmentReport report)
    {
        using var plot = new Plot();
        var layout = report.Grid.HasBlocks ? HeatmapCells.Draw(plot, report) : BitBars.Draw(plot, report);
        return plot.GetImageBytes(layout.Width, layout.Height, ImageFormat.Png);
    }

    /// <summary>What both kinds of picture share: fonts, title, row labels, no frame and no grid, room at the sides.</summary>
    internal static void Furnish(Plot plot, AssignmentReport report, HeatmapLayout layout)
    {
        var grid = report.Grid;
        HeatmapFont.Register();
        plot.Font.Set(HeatmapFont.Name);
        plot.HideGrid();
        plot.Axes.Frame(false);

        var (font, title) = HeatmapFont.For(HeatmapTitle.Of(report, layout.Width - HeatmapLayout.Right));
        plot.Title(title, HeatmapTitle.FontSize);
        plot.Axes.Title.Label.FontName = font;
        plot.Axes.Title.Label.Bold = false;
        plot.Axes.Title.FullFigureCenter = true;

        int rows = grid.RowLabels.Count;
        Label(plot.Axes.Left, grid.RowLabels, layout.RowLabelStep, row => rows - 1 - row);
        plot.Axes.Bottom.IsVisible = false;
        float right = layout.Width - layout.Left - (float)(layout.CellWidth * grid.ColumnLabels.Count);
        plot.Layout.Fixed(new PixelPadding(layout.Left, right, HeatmapLayout.Bottom, layout.Top));
    }

    /// <summary>Puts every <paramref name="step"/>-th label beside its row or column.</summary>
    internal static void Label(IAxis axis, IReadOnlyList<string> labels, int step, Func<int, double> position)
    {
        var shown = Enumerable.Range(0, labels.Count).Where(index => index % step == 0).ToList();
        axis.TickGenerator = new NumericManual([.. shown.Select(position)], [.. shown.Select(index => HeatmapFont.For(labels[index]).Text)]);
        axis.MajorTickStyle.Length = 0;
        axis.TickLabelStyle.FontSize = HeatmapLayout.LabelSize;
        axis.TickLabelStyle.FontName = HeatmapFont.Name;
    }
}
