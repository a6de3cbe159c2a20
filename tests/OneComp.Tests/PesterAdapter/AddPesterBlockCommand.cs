using System.Management.Automation;

namespace OneComp.Tests.PesterAdapter;

/// <summary>Describe and Context: in discovery the body runs and registers what it holds.</summary>
[Cmdlet(VerbsCommon.Add, "PesterBlock")]
public sealed class AddPesterBlockCommand : PSCmdlet
{
    // The body sees the case's variables, and what the file's BeforeDiscovery has set.
    private static readonly ScriptBlock Discover = ScriptBlock.Create("""
        param($__fixture, $__data)
        foreach ($__name in $__data.Variables.Keys) { $ExecutionContext.SessionState.PSVariable.Set($__name, $__data.Variables[$__name]) }
        $_ = $__data.Value
        $null = . $__fixture
        """);

    [Parameter(Mandatory = true, Position = 0)]
    public string Name { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1)]
    public ScriptBlock Fixture { get; set; } = null!;

    [Parameter]
    public object[]? ForEach { get; set; }

    [Parameter]
    public string[] Tag { get; set; } = [];

    [Parameter]
    public SwitchParameter Skip { get; set; }

    protected override void EndProcessing()
    {
        var context = PesterContext.Of(this);
        var parent = context.Current;
        foreach (var data in PesterData.Each(ForEach))
        {
            var block = new PesterBlock(data.Expand(Name), parent, data, Skip);
            parent.Children.Add(block);
            context.Current = block;
            InvokeCommand.InvokeScript(true, Discover, null, Fixture, data);
            context.Current = parent;
        }
    }
}
