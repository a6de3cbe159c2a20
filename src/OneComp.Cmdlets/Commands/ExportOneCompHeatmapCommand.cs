using System.Management.Automation;
using OneComp.Quantization;
using OneComp.Reports;

namespace OneComp.Commands;

/// <summary>Draws the bits of a plan as a PNG: blocks down, modules across, the weighted average in the title.</summary>
[Cmdlet(VerbsData.Export, "OneCompHeatmap", DefaultParameterSetName = RowSet, SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportOneCompHeatmapCommand : ReportCommand
{
    private protected override string Action => "Write heatmap";

    private protected override void CheckName(string file, IReadOnlyList<LayerAssignment> rows) => Heatmap.CheckExtension(file);

    private protected override void Write(string file, AssignmentReport report) => Run((_, _) =>
    {
        Heatmap.Write(file, report, Force);
        return file;
    });
}
