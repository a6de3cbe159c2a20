namespace OneComp.Reports;

/// <summary>A column of a <see cref="Sheet"/>.</summary>
/// <param name="Header">Text of its first cell.</param>
/// <param name="Width">Width in characters.</param>
/// <param name="NumberFormat">Format code of its numbers, as Excel spells it; null for General.</param>
public sealed record SheetColumn(string Header, double Width, string? NumberFormat = null);
