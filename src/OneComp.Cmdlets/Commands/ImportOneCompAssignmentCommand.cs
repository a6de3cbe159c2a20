using System.Management.Automation;
using OneComp.Hosting;
using OneComp.Quantization;
using OneComp.Reports;

namespace OneComp.Commands;

/// <summary>Reads a plan back from a file that Export-OneCompAssignment wrote, edited by hand perhaps.</summary>
/// <example><code>$rows = Import-OneCompAssignment ./plan.xlsx; $candidates | Invoke-OneCompQuantization ./model ./q -Assignment $rows</code></example>
[Cmdlet(VerbsData.Import, "OneCompAssignment", DefaultParameterSetName = PathSet)]
[OutputType(typeof(LayerAssignment))]
public sealed class ImportOneCompAssignmentCommand : OneCompCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    /// <summary>Files to read: .xlsx, .csv or .json; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Files to read, with names that are taken as they are.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var literal = ParameterSetName == LiteralPathSet;
        foreach (var file in ResolvePaths(literal ? LiteralPath : Path, literal))
        {
            if (TryRun((_, _) => AssignmentImport.Read(file), file, out var rows))
            {
                WriteObject(rows, enumerateCollection: true);
            }
        }
    }
}
