namespace OneComp.Reports;

/// <summary>Sizes of a picture in pixels. It grows with the plan up to a cap; beyond, the cells shrink.</summary>
/// <param name="CellWidth">Width of a cell.</param>
/// <param name="CellHeight">Height of a cell.</param>
/// <param name="Left">Room for the row labels.</param>
/// <param name="Top">Room for the title and the column labels.</param>
/// <param name="Width">Width of the picture.</param>
/// <param name="Height">Height of the picture.</param>
/// <param name="Upright">True where the column labels stand upright, because they are wider than their column.</param>
internal sealed record HeatmapLayout(double CellWidth, double CellHeight, int Left, int Top, int Width, int Height, bool Upright)
{
    public const int Right = 84; // the colour bar
    public const int Bottom = 16;
    public const float LabelSize = 12;
    public const int TitleHeight = 52;
    public const int MinimumWidth = 480; // the title's two lines

    private const double CharacterWidth = 7.2; // of DejaVu Sans at LabelSize, on average
    private const double MaximumSide = 8000;
    private const int ColumnsWithWideCells = 16;

    /// <summary>Size of the text in a cell; 0 where the cell has no room for one.</summary>
    public float TextSize => Math.Min(CellHeight, CellWidth) < 10 ? 0 : (float)Math.Min(13, 0.6 * Math.Min(CellHeight, CellWidth / 1.6));

    /// <summary>Every how many rows one is labelled.</summary>
    public int RowLabelStep => (int)Math.Ceiling(14 / CellHeight);

    /// <summary>Every how many columns one is labelled.</summary>
    public int ColumnLabelStep => (int)Math.Ceiling(14 / CellWidth);

    public static HeatmapLayout Of(IReadOnlyList<string> rowLabels, IReadOnlyList<string> columnLabels)
    {
        double widest = TextWidth(columnLabels);
        bool wide = columnLabels.Count <= ColumnsWithWideCells;
        double cellWidth = Math.Min(wide ? Math.Clamp(widest + 10, 56, 96) : 34, MaximumSide / columnLabels.Count);
        double cellHeight = Math.Min(rowLabels.Count <= 48 ? 28 : 20, MaximumSide / rowLabels.Count);
        int left = (int)Math.Clamp(TextWidth(rowLabels) + 20, 48, 400);
        cellWidth = Math.Max(cellWidth, (MinimumWidth - left - Right) / (double)columnLabels.Count);
        bool upright = widest > cellWidth;
        int top = TitleHeight + (upright ? (int)Math.Min(widest + 14, 300) : 28);
        int width = left + (int)(cellWidth * columnLabels.Count) + Right;
        int height = top + (int)(cellHeight * rowLabels.Count) + Bottom;
        return new HeatmapLayout(cellWidth, cellHeight, left, top, width, height, upright);
    }

    private static double TextWidth(IReadOnlyList<string> labels) => CharacterWidth * labels.Max(label => label.Length);
}
