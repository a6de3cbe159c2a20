using System.Text.Json;

namespace OneComp.Build.Sbom;

/// <summary>Writes a bill of materials in the JSON of CycloneDX 1.6 (ECMA-424). The same packages give the same bytes.</summary>
internal static class CycloneDxDocument
{
    public static byte[] Of(string name, string version, IReadOnlyList<ShippedPackage> packages)
    {
        var root = $"{name}@{version}";
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
            json.WriteString("bomFormat", "CycloneDX");
            json.WriteString("specVersion", "1.6");
            json.WriteNumber("version", 1);
            json.WriteStartObject("metadata");
            json.WriteStartObject("component");
            WriteName(json, "application", root, name, version);
            WriteLicense(json, new PackageManifest("MIT", null, null, null));
            json.WriteEndObject();
            json.WriteEndObject();

            json.WriteStartArray("components");
            foreach (var package in packages)
            {
                WriteComponent(json, package);
            }

            json.WriteEndArray();
            WriteDependencies(json, root, packages);
            json.WriteEndObject();
        }

        return [.. stream.ToArray(), (byte)'\n'];
    }

    private static void WriteComponent(Utf8JsonWriter json, ShippedPackage package)
    {
        json.WriteStartObject();
        WriteName(json, "library", package.Reference, package.Name, package.Version);
        json.WriteStartArray("hashes");
        json.WriteStartObject();
        json.WriteString("alg", "SHA-512");
        json.WriteString("content", package.Sha512);
        json.WriteEndObject();
        json.WriteEndArray();
        WriteLicense(json, package.Manifest);
        json.WriteString("purl", package.Reference);
        if (package.Manifest.ProjectUrl is { } page)
        {
            json.WriteStartArray("externalReferences");
            json.WriteStartObject();
            json.WriteString("type", "website");
            json.WriteString("url", page);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteName(Utf8JsonWriter json, string type, string reference, string name, string version)
    {
        json.WriteString("type", type);
        json.WriteString("bom-ref", reference);
        json.WriteString("name", name);
        json.WriteString("version", version);
    }

    private static void WriteLicense(Utf8JsonWriter json, PackageManifest manifest)
    {
        if (manifest.LicenseExpression is null && manifest.LicenseName is null)
        {
            return;
        }

        json.WriteStartArray("licenses");
        json.WriteStartObject();
        if (manifest.LicenseExpression is { } expression)
        {
            json.WriteString("expression", expression);
        }
        else
        {
            json.WriteStartObject("license");
            json.WriteString("name", manifest.LicenseName);
            if (manifest.LicenseUrl is { } url)
            {
                json.WriteString("url", url);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndArray();
    }

    // What a package asks for without shipping anything of it is left out.
    private static void WriteDependencies(Utf8JsonWriter json, string root, IReadOnlyList<ShippedPackage> packages)
    {
        var references = packages.ToDictionary(package => package.Name, package => package.Reference, StringComparer.OrdinalIgnoreCase);
        json.WriteStartArray("dependencies");
        WriteEdges(json, root, packages.Select(package => package.Reference));
        foreach (var package in packages)
        {
            WriteEdges(json, package.Reference, package.DependsOn.Where(references.ContainsKey).Select(name => references[name]).Order(StringComparer.Ordinal));
        }

        json.WriteEndArray();
    }

    private static void WriteEdges(Utf8JsonWriter json, string from, IEnumerable<string> to)
    {
        json.WriteStartObject();
        json.WriteString("ref", from);
        json.WriteStartArray("dependsOn");
        foreach (var reference in to)
        {
            json.WriteStringValue(reference);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
