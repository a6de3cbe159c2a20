namespace OneComp.Benchmarks.Faults.Gpu;

/// <summary>A model's files: names, sizes and times, and whether those are what they were.</summary>
internal sealed class SourceFiles(string folder)
{
    private readonly List<(string Name, long Length, DateTime Written)> _before = Now(folder);

    /// <summary>True while nothing was written or added there.</summary>
    public bool AreUntouched => Now(folder).SequenceEqual(_before);

    private static List<(string Name, long Length, DateTime Written)> Now(string folder) =>
        [.. new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal).Select(file => (file.FullName, file.Length, file.LastWriteTimeUtc))];
}
