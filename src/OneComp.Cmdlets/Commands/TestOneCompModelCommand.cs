using System.Management.Automation;
using OneComp.Completion;
using OneComp.Hosting;
using OneComp.Hub;
using OneComp.Verification;

namespace OneComp.Commands;

/// <summary>
/// Checks a quantized model folder: headers, index, shapes, zero points, scales, groups, config.json against the tensors, hashes, and
/// with -Source that nothing of the source model was lost or changed.
/// </summary>
/// <example><code>Test-OneCompModel ./q -Source ./model | Where-Object Passed -eq $false</code></example>
/// <example><code>if (-not (Test-OneCompModel ./q -Quiet)) { throw 'damaged' }</code></example>
[Cmdlet(VerbsDiagnostic.Test, "OneCompModel", DefaultParameterSetName = ResultSet)]
[OutputType(typeof(CheckResult), typeof(bool))]
public sealed class TestOneCompModelCommand : ResultCommand
{
    /// <summary>Folder or id of the model that it was made from.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string? Source { get; set; }

    /// <summary>True or false instead of rows.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var source = Source is null ? null : FindModel(Source);
        foreach (var model in Models)
        {
            if (TryRun((progress, token) => ModelCheck.Run(model.Find(ModelNeed.Weights, null, progress, token), source?.Find(ModelNeed.Weights, null, progress, token), progress, token), model.Name, out var rows))
            {
                WriteObject(Quiet ? rows![^1].Passed : rows, enumerateCollection: true);
            }
        }
    }
}
