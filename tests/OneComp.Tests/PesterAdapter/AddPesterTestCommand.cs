using System.Management.Automation;

namespace OneComp.Tests.PesterAdapter;

/// <summary>It: registers one test for each case.</summary>
[Cmdlet(VerbsCommon.Add, "PesterTest")]
public sealed class AddPesterTestCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0)]
    public string Name { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1)]
    public ScriptBlock Test { get; set; } = null!;

    [Parameter]
    [Alias("ForEach")]
    public object[]? TestCases { get; set; }

    [Parameter]
    public string[] Tag { get; set; } = [];

    [Parameter]
    public SwitchParameter Skip { get; set; }

    protected override void EndProcessing()
    {
        var block = PesterContext.Of(this).Current;
        block.Children.AddRange(PesterData.Each(TestCases).Select(data => new PesterTest(Name, block, Test, data, Skip)));
    }
}
