namespace OneComp.Reports;

/// <summary>One figure of a report.</summary>
/// <param name="Name">Its name: that of a property, the same in every format.</param>
/// <param name="Value">A string, a long, a double, or null where it is not known.</param>
/// <param name="Meaning">What it is, in a few words with the unit.</param>
/// <param name="NumberFormat">Format code of the number, as Excel spells it; null for General.</param>
public sealed record ReportFigure(string Name, object? Value, string Meaning, string? NumberFormat = null);
