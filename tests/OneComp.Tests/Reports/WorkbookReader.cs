using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;

namespace OneComp.Tests.Reports;

/// <summary>Reads a workbook as Excel would find it: by cell addresses.</summary>
internal sealed class WorkbookReader : IDisposable
{
    private readonly SpreadsheetDocument _document;

    public WorkbookReader(string path) => _document = SpreadsheetDocument.Open(path, isEditable: false);

    public OpenXmlPackage Package => _document;

    public IReadOnlyList<string> SheetNames => [.. SheetList.Select(sheet => sheet.Name!.Value!)];

    private IEnumerable<Sheet> SheetList => _document.WorkbookPart!.Workbook!.Descendants<Sheet>();

    public WorksheetPart Part(string sheet) =>
        (WorksheetPart)_document.WorkbookPart!.GetPartById(SheetList.Single(candidate => candidate.Name == sheet).Id!.Value!);

    /// <summary>The cells that are there: texts as strings, numbers as doubles.</summary>
    public Dictionary<string, object> Cells(string sheet) =>
        Part(sheet).Worksheet!.Descendants<Cell>().ToDictionary(cell => cell.CellReference!.Value!, Value);

    /// <summary>The number format code of a cell; null for General.</summary>
    public string? NumberFormat(string sheet, string address)
    {
        var styles = _document.WorkbookPart!.WorkbookStylesPart!.Stylesheet!;
        var cell = Part(sheet).Worksheet!.Descendants<Cell>().Single(candidate => candidate.CellReference == address);
        var format = (CellFormat)styles.CellFormats!.ChildElements[(int)cell.StyleIndex!.Value];
        return styles.NumberingFormats!.Elements<NumberingFormat>()
            .SingleOrDefault(candidate => candidate.NumberFormatId! == format.NumberFormatId!)?.FormatCode?.Value;
    }

    public void Dispose() => _document.Dispose();

    private static object Value(Cell cell) => cell.DataType?.Value == CellValues.InlineString
        ? cell.InlineString!.Text!.Text
        : double.Parse(cell.CellValue!.Text, System.Globalization.CultureInfo.InvariantCulture);
}
