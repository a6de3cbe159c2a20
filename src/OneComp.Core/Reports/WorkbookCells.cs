using System.IO.Compression;
using DocumentFormat.OpenXml.Packaging;

namespace OneComp.Reports;

/// <summary>Reads the sheet Assignment of a workbook, or the only sheet. A formula is never computed: its saved value counts.</summary>
/// <remarks>
/// A packed file can be made to explode: the whole is unpacked once to be counted, and cells are read as they go by (<see cref="SheetReader"/>), never
/// as a tree. The library finds the sheet and the shared texts.
/// </remarks>
internal static class WorkbookCells
{
    private const long MostBytes = 256L << 20; // of all parts once unpacked
    private const int MostParts = 1000;
    private const int MostBookCharacters = 1 << 20; // of a part that is read as a tree: names of sheets
    private const string SheetName = "Assignment";

    /// <summary>Reads the file.</summary>
    /// <exception cref="FormatException">It has no such sheet, or a cell that cannot be placed.</exception>
    /// <exception cref="OversizeException">It is larger once unpacked than a plan can be.</exception>
    public static CellTable Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Reading(() => RequireSize(file));
        file.Position = 0;
        using var document = Open(file);
        var part = Reading(() => Find(document));
        var shared = document.WorkbookPart!.SharedStringTablePart is { } table ? Reading(() => SheetReader.SharedTexts(table.GetStream())) : [];
        var lines = Reading(() => SheetReader.Lines(part.GetStream(), shared));
        if (lines.Count == 0)
        {
            return new CellTable([], []);
        }

        var columns = lines[0].Keys.Order().ToList();
        AssignmentImport.RequireSize(columns.Count, lines.Count - 1);
        return new CellTable(
            [.. columns.Select(column => lines[0][column])],
            [.. lines.Skip(1).Select(line => columns.Select(line.GetValueOrDefault).ToArray())]);
    }

    // What the directory of the file says of sizes need not be so: only unpacking tells.
    private static long RequireSize(Stream file)
    {
        using var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
        if (archive.Entries.Count > MostParts)
        {
            throw new OversizeException($"{archive.Entries.Count} parts; {MostParts} are read at most");
        }

        var buffer = new byte[1 << 16];
        var total = 0L;
        foreach (var entry in archive.Entries)
        {
            using var part = entry.Open();
            for (int count; (count = part.Read(buffer)) > 0;)
            {
                total += count;
                if (total > MostBytes)
                {
                    throw new OversizeException($"over {MostBytes} bytes once unpacked");
                }
            }
        }

        return total;
    }

    private static SpreadsheetDocument Open(Stream file) => Reading(() => SpreadsheetDocument.Open(file, isEditable: false, new OpenSettings { MaxCharactersInPart = MostBookCharacters }));

    private static WorksheetPart Find(SpreadsheetDocument document)
    {
        var book = document.WorkbookPart ?? throw new FormatException("it holds no workbook.");
        var sheets = book.Workbook?.Descendants<DocumentFormat.OpenXml.Spreadsheet.Sheet>().ToList() ?? [];
        var sheet = sheets.Find(candidate => string.Equals(candidate.Name?.Value, SheetName, StringComparison.OrdinalIgnoreCase))
            ?? (sheets.Count == 1 ? sheets[0] : throw new FormatException($"none of its {sheets.Count} sheets is named {SheetName}."));
        return sheet.Id?.Value is { } id && book.TryGetPartById(id, out var part) && part is WorksheetPart worksheet
            ? worksheet
            : throw new FormatException($"its sheet {sheet.Name} holds no cells.");
    }

    private static T Reading<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is not (FormatException or OversizeException or IOException or OutOfMemoryException))
        {
            // The library answers a damaged file with whatever it ran into, so no narrower list would hold.
            throw new FormatException(exception.Message, exception);
        }
    }
}
