namespace OneComp.Calibration;

/// <summary>Names for a message.</summary>
internal static class NameList
{
    private const int Shown = 20;

    /// <summary>The names in quotes, the first twenty of them; "none" where there are none.</summary>
    public static string Of(IEnumerable<string> names)
    {
        var all = names.ToList();
        var list = string.Join(", ", all.Take(Shown).Select(name => $"'{name}'"));
        return all.Count switch
        {
            0 => "none",
            <= Shown => list,
            _ => $"{list} and {all.Count - Shown} more",
        };
    }
}
