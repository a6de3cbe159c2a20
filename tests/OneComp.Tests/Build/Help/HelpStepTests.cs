using OneComp.Build.Help;
using OneComp.Tests.Support;

namespace OneComp.Tests.Build.Help;

public sealed class HelpStepTests : IDisposable
{
    private static readonly CmdletShape Shape = new("Get-Thing", [Parameter("Name"), Parameter("WhatIf")]);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_page_that_fits_its_cmdlet_has_no_fault() => Assert.Empty(HelpStep.FaultsOf(Shape, Read()));

    [Fact]
    public void What_a_page_lacks_or_has_too_much_is_said()
    {
        Assert.Equal(["parameter -Path has no text"], HelpStep.FaultsOf(Shape with { Parameters = [.. Shape.Parameters, Parameter("Path")] }, Read()));
        Assert.Equal(["Get-Thing has no parameter -Name"], HelpStep.FaultsOf(Shape with { Parameters = [] }, Read()));
        Assert.Equal(["it has 1 examples; at least 2 are expected"], HelpStep.FaultsOf(Shape, Read() with { Examples = [Read().Examples[0]] }));
        Assert.Single(HelpStep.FaultsOf(Shape with { Name = "Set-Thing" }, Read()));
    }

    [Fact]
    public void Every_cmdlet_and_parameter_of_the_module_has_its_text()
    {
        using var error = new StringWriter();
        Assert.Equal(0, HelpStep.Run(Path.Combine(Repository.Root, "docs", "help"), typeof(Commands.SaveOneCompModelCommand).Assembly.Location, _folder.Path, error));
        Assert.Equal("", error.ToString());
    }

    [Fact]
    public void A_page_that_cannot_be_read_fails_the_build()
    {
        File.WriteAllText(_folder.File("Save-OneCompModel.md"), "# Save-OneCompModel\n");
        using var error = new StringWriter();
        Assert.Equal(1, HelpStep.Run(_folder.Path, typeof(Commands.SaveOneCompModelCommand).Assembly.Location, _folder.File("out"), error));
        Assert.Contains("Save-OneCompModel.md : error OC0002", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Get-OneCompModel has no help page", error.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("out")));
    }

    [Fact]
    public void An_about_topic_becomes_wrapped_text()
    {
        var text = AboutWriter.Write("# about_Thing\n\nShort `words`.\n\n## Long part\n\n" + string.Join(' ', Enumerable.Repeat("word", 40)) + "\n\n- item\n\n```powershell\nGet-Thing\n```\n\nAfter.\n");
        Assert.StartsWith("TOPIC\n    about_Thing\n\nSHORT DESCRIPTION\n    Short words.\n\nLONG PART\n    word", text, StringComparison.Ordinal);
        Assert.EndsWith("    - item\n\n        Get-Thing\n\n    After.\n", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    }

    private static HelpPage Read() => HelpPageReader.Read(HelpPageReaderTests.Page);

    private static ParameterShape Parameter(string name) =>
        new(name, "String", false, [], [], false, new Dictionary<string, ParameterPlace> { [""] = new(true, 0, false, false) });
}
