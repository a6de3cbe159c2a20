namespace OneComp.Runtime;

/// <summary>Where the natives of the package or of the checkout may be.</summary>
internal static class NativesFolders
{
    /// <summary>
    /// The candidates in order: beside the engine, beside its folder (module/lib → module/torch), then module/torch of
    /// each folder above, for test and benchmark outputs in a checkout.
    /// </summary>
    public static IReadOnlyList<string> Candidates(string engineFolder)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(engineFolder));
        var candidates = new List<string> { Path.Combine(folder, "torch") };
        var parent = Path.GetDirectoryName(folder);
        if (parent is not null)
        {
            candidates.Add(Path.Combine(parent, "torch"));
        }

        for (var ancestor = parent; ancestor is not null; ancestor = Path.GetDirectoryName(ancestor))
        {
            candidates.Add(Path.Combine(ancestor, "module", "torch"));
        }

        return candidates;
    }
}
