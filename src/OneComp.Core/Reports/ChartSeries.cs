namespace OneComp.Reports;

/// <summary>Points of a <see cref="SheetChart"/> that a line joins.</summary>
/// <param name="Name">Name in the legend.</param>
/// <param name="FirstLine">First line of the table, the first below the header being 0.</param>
/// <param name="Count">Number of lines.</param>
public sealed record ChartSeries(string Name, int FirstLine, int Count);
