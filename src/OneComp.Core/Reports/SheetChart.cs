namespace OneComp.Reports;

/// <summary>A line through points, beside the table of a <see cref="Sheet"/>; the second axis is logarithmic.</summary>
/// <param name="Title">Text above it.</param>
/// <param name="XColumn">Column of the table across, from 0.</param>
/// <param name="YColumn">Column of the table up, from 0; its values are above 0.</param>
public sealed record SheetChart(string Title, int XColumn, int YColumn);
