using System.Management.Automation;

namespace OneComp.Tests.PesterAdapter;

/// <summary>BeforeAll, BeforeEach, AfterEach and AfterAll: keep a script block for the run.</summary>
public abstract class SetupCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0)]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    protected override void EndProcessing() => ListOf(PesterContext.Of(this).Current).Add(ScriptBlock);

    protected abstract List<ScriptBlock> ListOf(PesterBlock block);
}

[Cmdlet(VerbsCommon.Add, "PesterBeforeAll")]
public sealed class AddPesterBeforeAllCommand : SetupCommand
{
    protected override List<ScriptBlock> ListOf(PesterBlock block) => block.BeforeAll;
}

[Cmdlet(VerbsCommon.Add, "PesterAfterAll")]
public sealed class AddPesterAfterAllCommand : SetupCommand
{
    protected override List<ScriptBlock> ListOf(PesterBlock block) => block.AfterAll;
}

[Cmdlet(VerbsCommon.Add, "PesterBeforeEach")]
public sealed class AddPesterBeforeEachCommand : SetupCommand
{
    protected override List<ScriptBlock> ListOf(PesterBlock block) => block.BeforeEach;
}

[Cmdlet(VerbsCommon.Add, "PesterAfterEach")]
public sealed class AddPesterAfterEachCommand : SetupCommand
{
    protected override List<ScriptBlock> ListOf(PesterBlock block) => block.AfterEach;
}

/// <summary>BeforeDiscovery: runs at once, in the caller's scope, so that names and cases can use its variables.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "PesterDiscovery")]
public sealed class InvokePesterDiscoveryCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0)]
    public ScriptBlock ScriptBlock { get; set; } = null!;

    protected override void EndProcessing() => InvokeCommand.InvokeScript(false, ScriptBlock, null);
}
