using System.Text.Json;

namespace OneComp.Build.Sbom;

/// <summary>Reads project.assets.json, in which a restore leaves what it resolved.</summary>
internal static class AssetsFile
{
    private const string Placeholder = "_._"; // stands for 'nothing of this kind'

    /// <summary>The packages with an assembly or a native file for the platform that was restored.</summary>
    /// <exception cref="KeyNotFoundException">The file is no assets file.</exception>
    public static IEnumerable<ShippedPackage> ShippedPackages(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        var root = document.RootElement;
        var folders = root.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name).ToList();
        var libraries = root.GetProperty("libraries");
        var target = root.GetProperty("targets").EnumerateObject().OrderByDescending(candidate => candidate.Name.Contains('/', StringComparison.Ordinal)).First();
        foreach (var entry in target.Value.EnumerateObject().Where(entry => entry.Value.GetProperty("type").GetString() == "package" && IsShipped(entry.Value)))
        {
            var library = libraries.GetProperty(entry.Name);
            var path = library.GetProperty("path").GetString()!;
            var manifest = library.GetProperty("files").EnumerateArray().Select(name => name.GetString()!).First(name => name.EndsWith(".nuspec", StringComparison.OrdinalIgnoreCase));
            var at = entry.Name.IndexOf('/', StringComparison.Ordinal);
            yield return new ShippedPackage(
                entry.Name[..at],
                entry.Name[(at + 1)..],
                Convert.ToHexStringLower(library.GetProperty("sha512").GetBytesFromBase64()),
                entry.Value.TryGetProperty("dependencies", out var dependencies) ? [.. dependencies.EnumerateObject().Select(dependency => dependency.Name)] : [],
                PackageManifest.Read(folders.Select(folder => Path.Combine(folder, path, manifest)).First(File.Exists)));
        }
    }

    private static bool IsShipped(JsonElement package) => ((string[])["runtime", "native"]).Any(kind =>
        package.TryGetProperty(kind, out var files) && files.EnumerateObject().Any(name => !name.Name.EndsWith(Placeholder, StringComparison.Ordinal)));
}
