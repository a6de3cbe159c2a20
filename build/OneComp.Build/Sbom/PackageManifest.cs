using System.Xml.Linq;

namespace OneComp.Build.Sbom;

/// <summary>What a package's .nuspec says of license and origin.</summary>
/// <param name="LicenseExpression">SPDX expression; null where the package has none.</param>
/// <param name="LicenseName">Where the license is instead: a file of the package, or a page; null with an expression or without a license.</param>
/// <param name="LicenseUrl">Page of the license; null where there is none.</param>
/// <param name="ProjectUrl">The project's page; null where there is none.</param>
internal sealed record PackageManifest(string? LicenseExpression, string? LicenseName, string? LicenseUrl, string? ProjectUrl)
{
    // Pages that NuGet puts in for packages that have an expression or a file, and that say nothing.
    private static readonly string[] PagesOfNuGet = ["https://aka.ms/deprecateLicenseUrl", "https://licenses.nuget.org/"];

    /// <summary>Reads a .nuspec, whatever its schema's version.</summary>
    public static PackageManifest Read(string file)
    {
        var metadata = XDocument.Load(file).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
        XElement? Find(string name) => metadata.Elements().FirstOrDefault(element => element.Name.LocalName == name);
        string? Text(string name) => Find(name)?.Value.Trim() is { Length: > 0 } text ? text : null;
        var license = Find("license");
        var url = Text("licenseUrl") is { } page && !PagesOfNuGet.Any(known => page.StartsWith(known, StringComparison.OrdinalIgnoreCase)) ? page : null;
        return license?.Attribute("type")?.Value == "expression"
            ? new PackageManifest(license.Value.Trim(), null, null, Text("projectUrl"))
            : new PackageManifest(null, license is not null ? $"{license.Value.Trim()} in the package" : url is null ? null : "see the page", url, Text("projectUrl"));
    }
}
