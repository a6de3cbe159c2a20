using System.Text.Json;
using System.Xml;

namespace OneComp.Build.Sbom;

/// <summary>Build step: lists the packages whose files the module ships, as a CycloneDX 1.6 bill of materials.</summary>
public static class SbomStep
{
    /// <summary>Writes <paramref name="output"/> from what the restore resolved.</summary>
    /// <param name="output">File to write.</param>
    /// <param name="name">Name of the module.</param>
    /// <param name="version">Its version.</param>
    /// <param name="assets">obj/project.assets.json of each project whose packages are shipped.</param>
    /// <param name="error">Gets a message.</param>
    /// <returns>0, or 1 with a message where a file cannot be read.</returns>
    public static int Run(string output, string name, string version, IReadOnlyList<string> assets, TextWriter error)
    {
        try
        {
            var packages = assets.SelectMany(AssetsFile.ShippedPackages)
                .DistinctBy(package => package.Reference)
                .OrderBy(package => package.Name, StringComparer.OrdinalIgnoreCase)
                .ToList();
            File.WriteAllBytes(output, CycloneDxDocument.Of(name, version, packages));
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or XmlException)
        {
            error.WriteLine($"{output} : error OC0005: {exception.Message}");
            return 1;
        }
    }
}
