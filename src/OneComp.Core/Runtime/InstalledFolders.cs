namespace OneComp.Runtime;

/// <summary>Where the files that come with the engine may be, in an installed module or in a checkout.</summary>
internal static class InstalledFolders
{
    /// <summary>The folder of the engine's assembly.</summary>
    public static string Engine =>
        Path.GetDirectoryName(typeof(InstalledFolders).Assembly.Location) is { Length: > 0 } folder
            ? folder
            : AppContext.BaseDirectory;

    /// <summary>
    /// The candidates for a folder such as <c>torch</c>, in order: beside the engine, beside its folder (module/lib →
    /// module/torch), then in module/ of each folder above, for test and benchmark outputs in a checkout.
    /// </summary>
    public static IReadOnlyList<string> Candidates(string engineFolder, string name)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(engineFolder));
        var candidates = new List<string> { Path.Combine(folder, name) };
        var parent = Path.GetDirectoryName(folder);
        if (parent is not null)
        {
            candidates.Add(Path.Combine(parent, name));
        }

        for (var ancestor = parent; ancestor is not null; ancestor = Path.GetDirectoryName(ancestor))
        {
            candidates.Add(Path.Combine(ancestor, "module", name));
        }

        return candidates;
    }
}
