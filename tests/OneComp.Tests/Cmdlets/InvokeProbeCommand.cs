using System.Management.Automation;
using OneComp.Hosting;
using OneComp.Progress;

namespace OneComp.Tests.Cmdlets;

/// <summary>A cmdlet on the common base that runs what a test gives it.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "Probe")]
public sealed class InvokeProbeCommand : OneCompCmdlet
{
    [Parameter(Mandatory = true)]
    public Func<IProgress<RunEvent>, CancellationToken, object?> Work { get; set; } = null!;

    /// <summary>Report a fault and go on.</summary>
    [Parameter]
    public SwitchParameter Try { get; set; }

    protected override void ProcessRecord()
    {
        if (!Try)
        {
            WriteObject(Run(Work, "the target"));
        }
        else
        {
            WriteObject(TryRun(Work, "the target", out var result) ? result : "went on");
        }
    }
}
