using System.Management.Automation;
using OneComp.Quantization;
using OneComp.Reports;

namespace OneComp.Commands;

/// <summary>
/// Writes a plan to a workbook (.xlsx), or to a .csv or .json file. Rows for several budgets make a workbook with a chart of bits
/// against cost, or a picture of it (.png).
/// </summary>
[Cmdlet(VerbsData.Export, "OneCompAssignment", DefaultParameterSetName = RowSet, SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportOneCompAssignmentCommand : ReportCommand
{
    private protected override string Action => "Write assignment";

    private protected override void CheckName(string file, IReadOnlyList<LayerAssignment> rows)
    {
        if (!CurveFile.IsPicture(file))
        {
            AssignmentFile.FormatOf(file);
        }
        else if (!AssignmentCurve.IsCurve(rows))
        {
            throw new ReportException(ReportError.UnknownExtension, file, $"'{file}': a picture shows the curve of several budgets, and these rows have none. Use Export-OneCompHeatmap for one plan, or .xlsx, .csv or .json.");
        }
    }

    private protected override Action Writing(string file, IReadOnlyList<LayerAssignment> rows)
    {
        if (!AssignmentCurve.IsCurve(rows))
        {
            return base.Writing(file, rows);
        }

        var curve = new AssignmentCurve(rows);
        return () =>
        {
            if (CurveFile.IsPicture(file) || !WroteWithImportExcel(file, () => CurveSheets.Of(curve)))
            {
                Run((_, _) =>
                {
                    CurveFile.Write(file, curve, Force);
                    return file;
                });
            }
        };
    }

    private protected override void Write(string file, AssignmentReport report)
    {
        if (WroteWithImportExcel(file, () => AssignmentSheets.Of(report)))
        {
            return;
        }

        Run((_, _) =>
        {
            AssignmentFile.Write(file, report, Force);
            return file;
        });
    }

    private bool WroteWithImportExcel(string file, Func<IReadOnlyList<Sheet>> sheets)
    {
        if (AssignmentFile.FormatOf(file) != AssignmentFormat.Workbook)
        {
            return false;
        }

        if (ImportExcelWorkbook.FindModule(InvokeCommand) is not { } module)
        {
            WriteVerbose("The module ImportExcel is not there: writing the workbook with DocumentFormat.OpenXml.");
            return false;
        }

        WriteVerbose($"Writing the workbook with ImportExcel {module.Version}.");
        try
        {
            ReportFile.Write(file, Force, temporary => ImportExcelWorkbook.Write(InvokeCommand, module, temporary, sheets()));
            return true;
        }
        catch (Exception exception) when (exception is (RuntimeException and not PipelineStoppedException) or ReportException)
        {
            // Where the fault is the destination's, writing it the other way reports it.
            WriteWarning($"ImportExcel {module.Version} did not write '{file}': {exception.Message} "
                + "Writing it with DocumentFormat.OpenXml.");
            return false;
        }
    }
}
