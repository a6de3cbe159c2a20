namespace OneComp.Reports;

/// <summary>A column of a <see cref="Sheet"/>.</summary>
/// <param name="Header">Text of its first cell.</param>
/// <param name="Width">Width in characters.</param>
/// <param name="NumberFormat">Format code of its numbers, as Excel spells it; null for General.</param>
public sealed record SheetColumn(string Header, double Width, string? NumberFormat = null)
{
    /// <summary>True for a column that is there for programs and not shown.</summary>
    public bool Hidden { get; init; }

    /// <summary>True to have numbers begin on the left, as texts do.</summary>
    public bool LeftAligned { get; init; }
}
