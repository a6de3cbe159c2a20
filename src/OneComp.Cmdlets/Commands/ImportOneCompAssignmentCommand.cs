using System.Management.Automation;
using OneComp.Hosting;
using OneComp.Quantization;
using OneComp.Reports;

namespace OneComp.Commands;

/// <summary>Reads a plan back from a file that Export-OneCompAssignment wrote, edited by hand perhaps.</summary>
/// <example><code>$rows = Import-OneCompAssignment ./plan.xlsx; $candidates | Invoke-OneCompQuantization ./model ./q -Assignment $rows</code></example>
[Cmdlet(VerbsData.Import, "OneCompAssignment", DefaultParameterSetName = PathSet)]
[OutputType(typeof(LayerAssignment))]
public sealed class ImportOneCompAssignmentCommand : ImportCommand
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var file in Files)
        {
            if (TryRun((_, _) => AssignmentImport.Read(file), file, out var rows))
            {
                WriteObject(rows, enumerateCollection: true);
            }
        }
    }
}
