using System.Management.Automation.Language;
using OneComp.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace OneComp.Tests.Build;

/// <summary>What can be held of .github/workflows/ci.yml where it does not run: its form, its commands and the files that they name.</summary>
public sealed class WorkflowTests
{
    // Commands of the scripts that are neither the engine's, nor this module's, and where they come from.
    private static readonly Dictionary<string, string> Others = new()
    {
        ["dotnet"] = "setup-dotnet",
        ["Install-PSResource"] = "Microsoft.PowerShell.PSResourceGet, in PowerShell",
        ["Out-File"] = "Microsoft.PowerShell.Utility, in PowerShell",
        ["Format-Table"] = "Microsoft.PowerShell.Utility, in PowerShell",
        ["Out-String"] = "Microsoft.PowerShell.Utility, in PowerShell",
        ["New-PesterConfiguration"] = "Pester",
        ["Invoke-Pester"] = "Pester",
        ["Invoke-ScriptAnalyzer"] = "PSScriptAnalyzer",
    };

    private readonly YamlMappingNode _workflow = Load();

    [Fact]
    public void It_builds_and_tests_on_windows_and_linux()
    {
        var job = (YamlMappingNode)_workflow["jobs"]["test"];
        Assert.Equal(["ubuntu-latest", "windows-latest"], ((YamlSequenceNode)job["strategy"]["matrix"]["os"]).Select(node => node.ToString()));
        Assert.Equal("pwsh", job["defaults"]["run"]["shell"].ToString());
        Assert.Equal("cpu", _workflow["env"]["TorchBackend"].ToString());
        Assert.Equal("read", _workflow["permissions"]["contents"].ToString());
        string[] inOrder = ["dotnet test -c Release", "Invoke-Pester", "Invoke-ScriptAnalyzer", "dotnet publish src/OneComp.Cmdlets", "Import-Module ./dist/OneComp"];
        var all = string.Join('\n', Scripts());
        Assert.Equal(inOrder.Select(text => all.IndexOf(text, StringComparison.Ordinal)).Order(), inOrder.Select(text => all.IndexOf(text, StringComparison.Ordinal)));
        Assert.All(inOrder, text => Assert.Contains(text, all, StringComparison.Ordinal));
        Assert.Equal("dist/OneComp", Steps().Single(step => step.Children.ContainsKey("with") && step["with"] is YamlMappingNode with && with.Children.ContainsKey("path"))["with"]["path"].ToString());
    }

    [Fact]
    public void Every_command_of_its_scripts_is_known()
    {
        using var session = new PowerShellSession();
        var names = Scripts().SelectMany(script =>
        {
            var ast = Parser.ParseInput(script, out _, out var faults);
            Assert.Empty(faults);
            return ast.FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>().Select(command => command.GetCommandName()).OfType<string>();
        }).Distinct();

        Assert.All(names, name => Assert.True(
            Others.ContainsKey(name) || session.Invoke("param($Name) Get-Command $Name -ErrorAction Ignore", new { Name = name }).Output.Count > 0,
            $"{name} is no command that the workflow has"));
    }

    [Theory]
    [InlineData("global.json")]
    [InlineData("PSScriptAnalyzerSettings.psd1")]
    [InlineData("src/OneComp.Cmdlets")]
    [InlineData("tests/Pester")]
    [InlineData("examples")]
    [InlineData("bench")]
    [InlineData("OneComp.psd1")]
    public void What_it_names_is_there(string path)
    {
        Assert.Contains(path, File.ReadAllText(Workflow), StringComparison.Ordinal);
        Assert.True(Path.Exists(Path.Combine(Repository.Root, path)));
    }

    private static string Workflow => Path.Combine(Repository.Root, ".github", "workflows", "ci.yml");

    private IEnumerable<YamlMappingNode> Steps() => ((YamlSequenceNode)_workflow["jobs"]["test"]["steps"]).Cast<YamlMappingNode>();

    private IEnumerable<string> Scripts() => Steps().Where(step => step.Children.ContainsKey("run")).Select(step => step["run"].ToString());

    private static YamlMappingNode Load()
    {
        var stream = new YamlStream();
        using var reader = File.OpenText(Workflow);
        stream.Load(reader);
        return (YamlMappingNode)stream.Documents.Single().RootNode;
    }
}
