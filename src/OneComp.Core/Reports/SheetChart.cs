namespace OneComp.Reports;

/// <summary>Lines through points, beside the table of a <see cref="Sheet"/>.</summary>
/// <param name="Title">Text above it.</param>
/// <param name="XColumn">Column of the table across, from 0.</param>
/// <param name="YColumn">Column of the table up, from 0.</param>
/// <param name="Series">The lines; a legend names them where there are several.</param>
public sealed record SheetChart(string Title, int XColumn, int YColumn, IReadOnlyList<ChartSeries> Series)
{
    /// <summary>True for a logarithmic axis up, which shows no number that is not above 0.</summary>
    public bool Logarithmic { get; init; }
}
