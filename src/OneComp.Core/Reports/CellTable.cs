namespace OneComp.Reports;

/// <summary>The cells of a file as texts, whatever its format: headers, and lines with a text or null for each.</summary>
/// <param name="Headers">Names of the columns.</param>
/// <param name="Lines">Each with as many cells as there are headers.</param>
internal sealed record CellTable(IReadOnlyList<string> Headers, IReadOnlyList<string?[]> Lines);
