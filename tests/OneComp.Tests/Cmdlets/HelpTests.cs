using System.Collections;
using System.Management.Automation;
using OneComp.Build.Help;
using OneComp.Tests.Examples;
using OneComp.Tests.Support;

namespace OneComp.Tests.Cmdlets;

/// <summary>What Get-Help of the real engine gives for the built module.</summary>
public sealed class HelpTests : IDisposable
{
    private static readonly string Pages = Path.Combine(Repository.Root, "docs", "help");
    private readonly PowerShellSession _session = new();

    public static TheoryData<string> Cmdlets => [.. Directory.GetFiles(Pages, "*-*.md").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> AllPages => [.. Directory.GetFiles(Pages, "*.md").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public void Dispose() => _session.Dispose();

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Get_Help_gives_the_pages_text_with_every_parameter(string cmdlet)
    {
        var page = HelpPageReader.Read(File.ReadAllText(Path.Combine(Pages, cmdlet + ".md")));
        var help = Assert.Single(_session.Invoke("param($Name) Get-Help $Name", new { Name = cmdlet }).Output);
        Assert.Equal(page.Synopsis, Text(help, "Synopsis"));
        Assert.Equal(page.Description, Items(help, "description").Select(item => Text(item, "Text").Trim()));
        Assert.Equal(page.Examples.Select(example => example.Code), Items(help, "examples", "example").Select(item => Text(item, "code")));

        var command = Assert.IsAssignableFrom<CmdletInfo>(Assert.Single(_session.Invoke("param($Name) Get-Command $Name", new { Name = cmdlet }).Output).BaseObject);
        var own = command.Parameters.Keys.Except(Cmdlet.CommonParameters).Order(StringComparer.Ordinal).ToList();
        var told = Items(help, "parameters", "parameter").ToDictionary(item => Text(item, "name"));
        Assert.Equal(own, told.Keys.Order(StringComparer.Ordinal));
        Assert.All(told.Values, item => Assert.Contains(Items(item, "description"), part => Text(part, "Text").Length > 10));
        Assert.All(command.Parameters.Values.Where(parameter => told.ContainsKey(parameter.Name)), parameter =>
            Assert.Equal(parameter.Aliases.Count > 0 ? string.Join(", ", parameter.Aliases) : "none", Text(told[parameter.Name], "aliases")));

        var sets = Items(help, "syntax", "syntaxItem").ToList();
        Assert.Equal(command.ParameterSets.Count, sets.Count);
        Assert.Equal(
            command.ParameterSets.Select(set => string.Join(' ', set.Parameters.Where(parameter => parameter.IsMandatory && own.Contains(parameter.Name)).Select(parameter => parameter.Name).Order(StringComparer.Ordinal))).Order(StringComparer.Ordinal),
            sets.Select(set => string.Join(' ', Items(set, "parameter").Where(parameter => Text(parameter, "required") == "true").Select(parameter => Text(parameter, "name")).Order(StringComparer.Ordinal))).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("about_OneComp", "Invoke-OneCompQuantization")]
    [InlineData("about_OneComp_Quantizers", "New-DbfQuantizer")]
    [InlineData("about_OneComp_Troubleshooting", "ONECOMP_TORCH_LIB")]
    public void Get_Help_finds_the_topics(string topic, string text)
    {
        var help = Assert.Single(_session.Invoke("param($Name) Get-Help $Name | Where-Object Name -EQ $Name", new { Name = topic }).Output);
        Assert.Contains(text, help.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(AllPages))]
    public void The_examples_of_a_page_run_as_they_stand(string page)
    {
        using var folder = new ExampleFolder();
        folder.Run(page, File.ReadAllText(Path.Combine(Pages, page)));
    }

    private static string Text(PSObject item, string property) => item.Properties[property]?.Value is { } value ? LanguagePrimitives.ConvertTo<string>(value) : "";

    private static IEnumerable<PSObject> Items(PSObject item, params string[] path)
    {
        IEnumerable<PSObject> found = [item];
        foreach (var name in path)
        {
            found = found.SelectMany(each => each.Properties[name]?.Value switch
            {
                null => [],
                IEnumerable several and not string => several.Cast<object>().Select(PSObject.AsPSObject),
                PSObject { BaseObject: IEnumerable several and not string } => several.Cast<object>().Select(PSObject.AsPSObject),
                var one => [PSObject.AsPSObject(one)],
            });
        }

        return found;
    }
}
