using System.Management.Automation;
using OneComp.Hosting;

namespace OneComp.Tests.Cmdlets;

/// <summary>A cmdlet on the common base that resolves paths.</summary>
[Cmdlet(VerbsDiagnostic.Resolve, "Probe")]
public sealed class ResolveProbeCommand : OneCompCmdlet
{
    [Parameter(Position = 0)]
    public string[] Path { get; set; } = [];

    [Parameter]
    public SwitchParameter Literal { get; set; }

    [Parameter]
    public SwitchParameter Many { get; set; }

    [Parameter]
    public SwitchParameter Destination { get; set; }

    protected override void ProcessRecord()
    {
        if (Many)
        {
            WriteObject(ResolvePaths(Path, Literal), enumerateCollection: true);
        }
        else
        {
            WriteObject(Destination ? ResolveDestination(Path[0]) : ResolvePath(Path[0], Literal));
        }
    }
}
