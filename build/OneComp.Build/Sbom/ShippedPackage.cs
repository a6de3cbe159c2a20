namespace OneComp.Build.Sbom;

/// <summary>A package of which the module ships files.</summary>
/// <param name="Name">Its id, as its author spells it.</param>
/// <param name="Version">Its version.</param>
/// <param name="Sha512">Hash of the package file, in hexadecimal digits.</param>
/// <param name="DependsOn">Ids of the packages it asks for, shipped or not.</param>
/// <param name="Manifest">What the package says of itself.</param>
internal sealed record ShippedPackage(string Name, string Version, string Sha512, IReadOnlyList<string> DependsOn, PackageManifest Manifest)
{
    /// <summary>The package URL (purl), which also identifies it in the document.</summary>
    public string Reference => $"pkg:nuget/{Uri.EscapeDataString(Name)}@{Uri.EscapeDataString(Version)}";
}
