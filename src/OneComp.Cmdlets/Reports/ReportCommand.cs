using System.Management.Automation;
using OneComp.Hosting;
using OneComp.Quantization;

namespace OneComp.Reports;

/// <summary>
/// What the cmdlets that write a plan to a file share: the rows come in one by one or with a result, and the file is written at
/// the end.
/// </summary>
public abstract class ReportCommand : OneCompCmdlet
{
    private protected const string RowSet = "Row";
    private const string AssignmentSet = "Assignment";

    private readonly List<LayerAssignment> _rows = [];

    /// <summary>File to write. A relative path starts at the session's location.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>A row of the plan, as Get-OneCompAssignment gives them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = RowSet)]
    public LayerAssignment? InputObject { get; set; }

    /// <summary>All rows of a plan, as the result of Invoke-OneCompQuantization has them.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = AssignmentSet)]
    public LayerAssignment[] Assignment { get; set; } = [];

    /// <summary>Replaces a file that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gives the written file as an object.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _rows.AddRange(InputObject is null ? Assignment : [InputObject]);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        string file = ResolveDestination(Path);
        var write = Run((_, _) =>
        {
            CheckName(file, _rows);
            ReportFile.CheckDestination(file, Force);
            return Writing(file, _rows);
        });
        if (!ShouldProcess(file, Action))
        {
            return;
        }

        write();
        if (PassThru)
        {
            WriteObject(new FileInfo(file));
        }
    }

    /// <summary>What -WhatIf and -Confirm say would be done.</summary>
    private protected abstract string Action { get; }

    /// <summary>Throws where the file name's extension is not one that the cmdlet writes such rows to.</summary>
    private protected abstract void CheckName(string file, IReadOnlyList<LayerAssignment> rows);

    /// <summary>Checks the rows and gives what writes the file; that runs on the pipeline thread.</summary>
    private protected virtual Action Writing(string file, IReadOnlyList<LayerAssignment> rows)
    {
        var report = new AssignmentReport(rows);
        return () => Write(file, report);
    }

    /// <summary>Writes the file; on the pipeline thread.</summary>
    private protected abstract void Write(string file, AssignmentReport report);
}
