using System.Management.Automation.Language;
using OneComp.Tests.Support;

namespace OneComp.Tests.Examples;

/// <summary>What holds for every script in examples.</summary>
public sealed class ExampleScriptTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "examples");

    public static TheoryData<string> Scripts => [.. Directory.GetFiles(Folder, "*.ps1", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_script_says_what_it_does_with_each_parameter_and_shows_how_to_call_it(string script)
    {
        var ast = Parse(script);
        var help = ast.GetHelpContent();
        Assert.NotNull(help);
        Assert.All((string[])[help.Synopsis, help.Description], text => Assert.False(string.IsNullOrWhiteSpace(text)));
        Assert.NotEmpty(help.Examples);
        var parameters = ast.ParamBlock?.Parameters.Select(parameter => parameter.Name.VariablePath.UserPath.ToUpperInvariant()) ?? [];
        Assert.Equal(parameters.Order(), help.Parameters.Keys.Order());
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_script_asks_for_the_PowerShell_that_the_module_needs(string script) =>
        Assert.Equal(new Version(7, 6), Parse(script).ScriptRequirements?.RequiredPSVersion);

    // Of PSScriptAnalyzer's default rules those that a parser can tell; CI runs all of them.
    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_script_has_no_alias_no_other_character_than_ASCII_and_no_command_that_writes_to_the_screen(string script)
    {
        var ast = Parse(script);
        Assert.True(ast.Extent.Text.All(char.IsAscii));
        var commands = ast.FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>().Select(command => command.GetCommandName()).OfType<string>();
        Assert.All(commands, command => Assert.Matches(@"^\w+(-\w+)+$", command));
        Assert.DoesNotContain("Write-Host", commands);
    }

    private static ScriptBlockAst Parse(string script)
    {
        var ast = Parser.ParseFile(Path.Combine(Folder, script), out _, out var faults);
        Assert.Empty(faults);
        return ast;
    }
}
