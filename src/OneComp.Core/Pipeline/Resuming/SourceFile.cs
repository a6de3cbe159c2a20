using System.Globalization;

namespace OneComp.Pipeline.Resuming;

/// <summary>A file of the source model, to tell whether it has changed since.</summary>
/// <param name="Name">File name.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Modified">When it was written last, UTC, in round-trip form.</param>
internal sealed record SourceFile(string Name, long Bytes, string Modified)
{
    /// <summary>The files of a model folder that a result depends on, in order: all but hidden ones. A link stands for what it leads to.</summary>
    public static IReadOnlyList<SourceFile> Of(string folder) =>
        [.. Directory.EnumerateFiles(folder)
            .Where(path => !Path.GetFileName(path).StartsWith('.'))
            .Order(StringComparer.Ordinal)
            .Select(path => new FileInfo(path))
            .Select(file => (file.Name, Target: file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file))
            .Select(file => new SourceFile(file.Name, file.Target.Length, file.Target.LastWriteTimeUtc.ToString("O", CultureInfo.InvariantCulture)))];

    /// <summary>Holds the files against those that a run was begun with.</summary>
    /// <exception cref="RunException">SourceChanged: names the first that differs.</exception>
    public static void RequireSame(IReadOnlyList<SourceFile> then, IReadOnlyList<SourceFile> now, string folder)
    {
        var before = then.ToDictionary(file => file.Name);
        var after = now.ToDictionary(file => file.Name);
        foreach (var name in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            var (old, current) = (before.GetValueOrDefault(name), after.GetValueOrDefault(name));
            if (old != current)
            {
                throw new RunException(RunError.SourceChanged, Path.Combine(folder, name), $"'{Path.Combine(folder, name)}' has changed since the run was begun: {Describe(old)} then, {Describe(current)} now. Bring the model back as it was, or start anew with -Force and without -Resume.");
            }
        }
    }

    private static string Describe(SourceFile? file) => file is null
        ? "not there"
        : string.Create(CultureInfo.InvariantCulture, $"{file.Bytes} bytes of {file.Modified[..19]}Z");
}
