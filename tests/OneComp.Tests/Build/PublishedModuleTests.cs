using System.Collections;
using System.Management.Automation.Language;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;
using System.Xml.Linq;
using OneComp.Build;
using OneComp.Tests.Support;

namespace OneComp.Tests.Build;

/// <summary>What a person installs.</summary>
public sealed class PublishedModuleTests(PublishedModule module) : IClassFixture<PublishedModule>
{
    [Fact]
    public async Task The_published_module_computes_from_a_folder_of_its_own()
    {
        using var elsewhere = new TemporaryFolder();
        using var process = HostProcess.StartProcess(["-Command", $$"""
            $null = $ExecutionContext.SessionState.Path.SetLocation('{{elsewhere.Path}}')
            Import-Module '{{module.Manifest}}'
            (New-RtnQuantizer | Invoke-OneCompQuantization '{{Repository.TinyLlama}}' -Destination q -Device cpu).CheckpointBytes
            [System.Diagnostics.Process]::GetCurrentProcess().Modules.FileName | Where-Object { $_ -like '*torch_cpu.*' -or $_ -like '*LibTorchSharp.*' }
            [System.AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { -not $_.IsDynamic -and $_.Location -like '*TorchSharp.dll' } | ForEach-Object { $_.Location }
            """]);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = (await process.StandardOutput.ReadToEndAsync()).Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, await error);
        Assert.InRange(long.Parse(output[0], System.Globalization.CultureInfo.InvariantCulture), 2_000_000, 12_000_000);
        Assert.Equal(4, output.Length); // libtorch_cpu, LibTorchSharp, TorchSharp.dll
        Assert.All(output[1..], file =>
        {
            Assert.Contains(Path.Combine("OneComp", "module"), file, StringComparison.OrdinalIgnoreCase); // Windows may spell the folder above otherwise
            Assert.DoesNotContain(Repository.Root, file, StringComparison.OrdinalIgnoreCase);
        });
        Assert.True(File.Exists(elsewhere.File("q/config.json")));
    }

    [Fact]
    public void The_manifest_names_files_that_are_there_and_says_what_a_gallery_asks_for()
    {
        var manifest = Manifest();
        Assert.All(
            [(string)manifest["RootModule"]!, .. (object[])manifest["NestedModules"]!, .. (object[])manifest["FormatsToProcess"]!],
            name => Assert.True(File.Exists(module.File((string)name)), $"{name}"));
        var properties = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props"));
        Assert.Equal(properties.Descendants("VersionPrefix").Single().Value, manifest["ModuleVersion"]);
        Assert.True(Guid.TryParse((string)manifest["GUID"]!, out _));
        Assert.All((string[])["Author", "CompanyName", "Copyright", "Description", "PowerShellVersion"], key => Assert.NotEmpty((string)manifest[key]!));
        var data = (Hashtable)((Hashtable)manifest["PrivateData"]!)["PSData"]!;
        Assert.All((object[])data["Tags"]!, tag => Assert.DoesNotContain(' ', (string)tag));
        Assert.Equal(("https", PublishedModule.Home), (new Uri((string)data["LicenseUri"]!).Scheme, data["ProjectUri"]));
    }

    [Fact]
    public void Nothing_is_shipped_that_only_developers_use()
    {
        Assert.Equal(
            ["LICENSE", "OneComp.cdx.json", "OneComp.psd1", "en-US", "licenses", "module"],
            Directory.GetFileSystemEntries(module.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var files = Directory.GetFiles(module.Folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(module.Folder, file)).ToList();
        Assert.DoesNotContain(files, file => Path.GetExtension(file) is ".pdb" or ".xml" && !file.EndsWith("-Help.xml", StringComparison.Ordinal));
        Assert.DoesNotContain(files, file => Path.GetFileName(file) is "System.Management.Automation.dll" or "TorchSharp.dll" && !file.StartsWith(Path.Combine("module", "lib"), StringComparison.Ordinal));
        Assert.Contains(Path.Combine("en-US", "OneComp.Cmdlets.dll-Help.xml"), files);
        Assert.Contains(Path.Combine("module", "data", "calibration.txt"), files);
    }

    [Fact]
    public void Every_torchsharp_in_it_holds_its_arguments() => AssertHeld(module.File("module/lib/TorchSharp.dll"));

    [Fact]
    public void The_natives_are_mended_for_an_older_libstdcxx()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var library = module.File("module/torch/libLibTorchSharp.so");
        Assert.Equal(0, new ElfVersionNeeds(File.ReadAllBytes(library)).Weaken("GLIBCXX_3.4.32")); // nothing is left to do
        Assert.True(File.Exists(module.File("module/torch/libtorch_cpu.so")));
        Assert.False(File.Exists(module.File("module/torch/libtorch_python.so")));
    }

    // A publish of any project takes its files from this list.
    [Theory]
    [InlineData("src/OneComp.Core")]
    [InlineData("bench/OneComp.Benchmarks")]
    public void A_plain_publish_of_a_project_with_torchsharp_takes_the_copy_that_holds_its_arguments(string project)
    {
        if (!File.Exists(Path.Combine(Repository.Root, project, "obj", "project.assets.json")))
        {
            return; // only the tests' own projects are restored
        }

        using var answer = JsonDocument.Parse(PublishedModule.Run(
            "msbuild", Path.Combine(Repository.Root, project), "-t:ComputeResolvedFilesToPublishList", "-getItem:ResolvedFileToPublish",
            "-p:NoBuild=true", "-p:BuildProjectReferences=false", $"-p:Configuration={PublishedModule.Configuration}"));
        var copies = answer.RootElement.GetProperty("Items").GetProperty("ResolvedFileToPublish").EnumerateArray()
            .Where(item => item.GetProperty("Filename").GetString() == "TorchSharp")
            .Select(item => item.GetProperty("FullPath").GetString()!);

        AssertHeld(Assert.Single(copies));
    }

    [Fact]
    public void The_bill_of_materials_names_every_package_of_which_a_file_is_there()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(module.File("OneComp.cdx.json")));
        var root = document.RootElement;
        Assert.Equal(("CycloneDX", "1.6"), (root.GetProperty("bomFormat").GetString(), root.GetProperty("specVersion").GetString()));
        var components = root.GetProperty("components").EnumerateArray().ToDictionary(component => component.GetProperty("name").GetString()!);
        Assert.Superset(
            new HashSet<string> { "TorchSharp", "Google.OrTools", "Google.Protobuf", "DocumentFormat.OpenXml", "SkiaSharp", "ScottPlot", "Parquet.Net", "Polly.Core" },
            components.Keys.ToHashSet());
        Assert.Contains(components.Keys, name => name.StartsWith("libtorch-", StringComparison.Ordinal));
        Assert.DoesNotContain("PowerShellStandard.Library", components.Keys); // compiled against, never shipped
        Assert.All(components.Values, component =>
        {
            Assert.StartsWith("pkg:nuget/", component.GetProperty("purl").GetString(), StringComparison.Ordinal);
            Assert.Matches("^[0-9a-f]{128}$", component.GetProperty("hashes")[0].GetProperty("content").GetString());
            Assert.True(component.GetProperty("licenses").GetArrayLength() > 0, $"no license: {component}");
        });
        var known = components.Values.Select(component => component.GetProperty("bom-ref").GetString()).Append("OneComp@0.1.0").ToHashSet();
        Assert.All(
            root.GetProperty("dependencies").EnumerateArray().SelectMany(edge => edge.GetProperty("dependsOn").EnumerateArray().Append(edge.GetProperty("ref"))),
            reference => Assert.Contains(reference.GetString(), known));
    }

    [Fact]
    public void Every_managed_file_is_the_module_s_own_or_of_a_named_package()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(module.File("OneComp.cdx.json")));
        var shipped = document.RootElement.GetProperty("components").EnumerateArray()
            .SelectMany(component => Directory.GetFiles(PackageFolder(component), "*.dll", SearchOption.AllDirectories))
            .Select(Path.GetFileName).Concat(["OneComp.Core.dll", "OneComp.Cmdlets.dll", "OneComp.Loader.dll"]).ToHashSet();

        Assert.All(Directory.GetFiles(module.Folder, "*.dll", SearchOption.AllDirectories), file => Assert.Contains(Path.GetFileName(file), shipped));
    }

    private static string PackageFolder(JsonElement component) => Path.Combine(
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"),
        component.GetProperty("name").GetString()!.ToLowerInvariant(),
        component.GetProperty("version").GetString()!);

    private static void AssertHeld(string file)
    {
        const MethodImplAttributes Held = MethodImplAttributes.NoInlining | MethodImplAttributes.NoOptimization;
        using var reader = new PEReader(File.OpenRead(file));
        var metadata = reader.GetMetadataReader();
        var methods = metadata.MethodDefinitions.Select(metadata.GetMethodDefinition).Where(method => metadata.GetString(method.Name) == "clamp_").ToList();
        Assert.NotEmpty(methods);
        Assert.All(methods, method => Assert.Equal(Held, method.ImplAttributes & Held));
    }

    // As Import-PowerShellDataFile reads it: a hashtable without code.
    private Hashtable Manifest()
    {
        var script = Parser.ParseFile(module.Manifest, out _, out var faults);
        Assert.Empty(faults);
        return (Hashtable)script.Find(ast => ast is HashtableAst, searchNestedScriptBlocks: false).SafeGetValue();
    }
}
