using System.Text.Json;
using OneComp.Build.Sbom;
using OneComp.Tests.Support;

namespace OneComp.Tests.Build;

/// <summary>The build step that lists the shipped packages.</summary>
public sealed class SbomStepTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _folder.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void Packages_with_a_file_of_the_restored_platform_are_named_and_others_are_not()
    {
        Package("managed", "<license type=\"expression\">Apache-2.0</license><licenseUrl>https://licenses.nuget.org/Apache-2.0</licenseUrl><projectUrl>https://example.org/m</projectUrl>");
        Package("native", "<license type=\"file\">LICENSE.txt</license>");
        Package("old", "<licenseUrl>https://example.org/license</licenseUrl>");
        Assert.Equal(0, Run(Assets("""
            "Managed/1.0.0": { "type": "package", "dependencies": { "Native": "2.0.0", "Meta": "1.0.0" }, "runtime": { "lib/net8.0/Managed.dll": {} } },
            "Native/2.0.0": { "type": "package", "runtime": { "lib/net8.0/_._": {} }, "native": { "runtimes/linux-x64/native/libn.so": {} } },
            "Old/1.0.0": { "type": "package", "runtime": { "lib/net8.0/Old.dll": {} } },
            "Meta/1.0.0": { "type": "package" },
            "Compile/1.0.0": { "type": "package", "compile": { "lib/net8.0/C.dll": {} }, "runtime": { "lib/net8.0/_._": {} } },
            "OneComp.Core/0.1.0": { "type": "project", "runtime": { "bin/placeholder/OneComp.Core.dll": {} } }
            """)));

        using var document = JsonDocument.Parse(File.ReadAllBytes(_folder.File("out.json")));
        var components = document.RootElement.GetProperty("components").EnumerateArray().ToList();
        Assert.Equal(["pkg:nuget/Managed@1.0.0", "pkg:nuget/Native@2.0.0", "pkg:nuget/Old@1.0.0"], components.Select(component => component.GetProperty("purl").GetString()!));
        Assert.Equal(
            ["""[{"expression":"Apache-2.0"}]""", """[{"license":{"name":"LICENSE.txt in the package"}}]""", """[{"license":{"name":"see the page","url":"https://example.org/license"}}]"""],
            components.Select(component => JsonSerializer.Serialize(component.GetProperty("licenses"))));
        Assert.Equal("00ff10", components[0].GetProperty("hashes")[0].GetProperty("content").GetString());
        var edges = document.RootElement.GetProperty("dependencies").EnumerateArray().ToDictionary(
            edge => edge.GetProperty("ref").GetString()!, edge => edge.GetProperty("dependsOn").EnumerateArray().Select(to => to.GetString()!).ToArray());
        Assert.Equal(["pkg:nuget/Native@2.0.0"], edges["pkg:nuget/Managed@1.0.0"]);
        Assert.Equal(3, edges["OneComp@9.9.9"].Length);
    }

    [Fact]
    public void A_file_that_is_no_assets_file_is_a_named_error()
    {
        File.WriteAllText(_folder.File("assets.json"), "{}");
        Assert.Equal(1, Run(_folder.File("assets.json")));
        Assert.Contains("error OC0005", _error.ToString(), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("out.json")));
    }

    private int Run(string assets) => SbomStep.Run(_folder.File("out.json"), "OneComp", "9.9.9", [assets], _error);

    private void Package(string name, string metadata)
    {
        Directory.CreateDirectory(_folder.File(name));
        File.WriteAllText(
            Path.Combine(_folder.File(name), name + ".nuspec"),
            $"""<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata><id>{name}</id>{metadata}</metadata></package>""");
    }

    private string Assets(string packages)
    {
        string Library(string name, string version) =>
            $$""" "{{name}}/{{version}}": { "sha512": "AP8Q", "type": "package", "path": "{{name.ToLowerInvariant()}}", "files": ["{{name.ToLowerInvariant()}}.nuspec"] } """;
        File.WriteAllText(_folder.File("assets.json"), $$"""
            {
              "targets": { "net10.0": {}, "net10.0/linux-x64": { {{packages}} } },
              "libraries": { {{Library("Managed", "1.0.0")}}, {{Library("Native", "2.0.0")}}, {{Library("Old", "1.0.0")}} },
              "packageFolders": { {{JsonSerializer.Serialize(_folder.Path)}}: {} }
            }
            """);
        return _folder.File("assets.json");
    }
}
