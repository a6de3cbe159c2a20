using System.Management.Automation;
using OneComp.Reports;

namespace OneComp.Commands;

/// <summary>Writes a plan to a workbook (.xlsx), or to a .csv or .json file.</summary>
[Cmdlet(VerbsData.Export, "OneCompAssignment", DefaultParameterSetName = RowSet, SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportOneCompAssignmentCommand : ReportCommand
{
    private protected override string Action => "Write assignment";

    private protected override void CheckName(string file) => AssignmentFile.FormatOf(file);

    private protected override void Write(string file, AssignmentReport report)
    {
        if (AssignmentFile.FormatOf(file) == AssignmentFormat.Workbook && WroteWithImportExcel(file, report))
        {
            return;
        }

        Run((_, _) =>
        {
            AssignmentFile.Write(file, report, Force);
            return file;
        });
    }

    private bool WroteWithImportExcel(string file, AssignmentReport report)
    {
        if (ImportExcelWorkbook.FindModule(InvokeCommand) is not { } module)
        {
            WriteVerbose("The module ImportExcel is not there: writing the workbook with DocumentFormat.OpenXml.");
            return false;
        }

        WriteVerbose($"Writing the workbook with ImportExcel {module.Version}.");
        try
        {
            ReportFile.Write(file, Force, temporary => ImportExcelWorkbook.Write(InvokeCommand, module, temporary, report));
            return true;
        }
        catch (Exception exception) when (exception is RuntimeException and not PipelineStoppedException or ReportException { Error: ReportError.WriteFailed })
        {
            WriteWarning($"ImportExcel {module.Version} could not write '{file}': {exception.Message} Writing it with DocumentFormat.OpenXml.");
            return false;
        }
    }
}
