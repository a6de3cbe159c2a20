using System.Globalization;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;

namespace OneComp.Reports;

/// <summary>Reads the sheet Assignment of a workbook, or the only sheet. A formula is never computed: its saved value counts.</summary>
internal static class WorkbookCells
{
    private const long MostCharacters = 256L << 20; // of one part once unpacked: packed files can be made to explode
    private const int MostColumns = 256;
    private const string SheetName = "Assignment";

    /// <summary>Reads the file.</summary>
    /// <exception cref="FormatException">It has no such sheet, or a cell that cannot be placed.</exception>
    public static CellTable Read(string path)
    {
        using var document = SpreadsheetDocument.Open(path, isEditable: false, new OpenSettings { MaxCharactersInPart = MostCharacters });
        var book = document.WorkbookPart ?? throw new FormatException("it holds no workbook.");
        var sheets = book.Workbook?.Descendants<DocumentFormat.OpenXml.Spreadsheet.Sheet>().ToList() ?? [];
        var sheet = sheets.Find(candidate => string.Equals(candidate.Name?.Value, SheetName, StringComparison.OrdinalIgnoreCase))
            ?? (sheets.Count == 1 ? sheets[0] : throw new FormatException($"none of its {sheets.Count} sheets is named {SheetName}."));
        if (sheet.Id?.Value is not { } id || !book.TryGetPartById(id, out var part) || part is not WorksheetPart { Worksheet: { } worksheet })
        {
            throw new FormatException($"its sheet {sheet.Name} holds no cells.");
        }

        var shared = book.SharedStringTablePart?.SharedStringTable?.Elements<SharedStringItem>().Select(item => item.InnerText).ToList() ?? [];
        var lines = worksheet.Descendants<Row>()
            .Select(row => Line(row, shared))
            .Where(line => line.Values.Any(text => text.Length > 0))
            .ToList();
        if (lines.Count == 0)
        {
            return new CellTable([], []);
        }

        var columns = lines[0].Keys.Order().ToList();
        return new CellTable(
            [.. columns.Select(column => lines[0][column])],
            [.. lines.Skip(1).Select(line => columns.Select(line.GetValueOrDefault).ToArray())]);
    }

    private static Dictionary<int, string> Line(Row row, List<string> shared)
    {
        var line = new Dictionary<int, string>();
        var next = 0;
        foreach (var cell in row.Elements<Cell>())
        {
            var column = cell.CellReference?.Value is { } reference ? ColumnOf(reference) : next;
            line[column] = TextOf(cell, shared);
            next = column + 1;
        }

        return line;
    }

    private static int ColumnOf(string reference)
    {
        var column = 0;
        foreach (var letter in reference.TakeWhile(char.IsAsciiLetter))
        {
            column = (column * 26) + char.ToUpperInvariant(letter) - 'A' + 1;
            if (column > MostColumns)
            {
                break;
            }
        }

        return column is >= 1 and <= MostColumns ? column - 1 : throw new FormatException($"cell {reference} lies outside the {MostColumns} columns that are read.");
    }

    private static string TextOf(Cell cell, List<string> shared)
    {
        if (cell.CellFormula is not null && cell.CellValue is null)
        {
            throw new FormatException($"cell {cell.CellReference} is a formula without a saved value; open and save the file in a spreadsheet program, or write the value.");
        }

        var value = cell.CellValue?.Text ?? "";
        var type = cell.DataType?.Value;
        if (type == CellValues.InlineString)
        {
            return cell.InlineString?.InnerText ?? "";
        }

        if (type != CellValues.SharedString)
        {
            return value;
        }

        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < shared.Count
            ? shared[index]
            : throw new FormatException($"cell {cell.CellReference} names a shared text that is not there.");
    }
}
