using System.Globalization;
using System.Text.Json;
using OneComp.Quantization;

namespace OneComp.Reports;

/// <summary>
/// Reads a plan back from .xlsx, .csv or .json as <see cref="AssignmentFile"/> writes them, edited by hand perhaps. Columns may
/// come in any order, with others between. Formulas count by their saved values. The file is not trusted: its size is bounded,
/// and every cell is checked.
/// </summary>
public static class AssignmentImport
{
    internal const long LargestFile = 64L << 20;
    internal const int MostColumns = 256;
    private const int MostRows = 200_000;
    private const int LongestName = 1024;
    private const int ShownFaults = 50;

    private static readonly string[] Needed =
        ["Layer", "Block", "Module", "InFeatures", "OutFeatures", "Quantizer", "Bits", "EffectiveBits", "GroupSize"];

    /// <summary>The rows, in the file's order; they belong to no plan.</summary>
    /// <param name="path">File to read.</param>
    /// <exception cref="ImportException">The file gives no plan.</exception>
    public static IReadOnlyList<LayerAssignment> Read(string path)
    {
        var table = Cells(path);
        var columns = Columns(table, path);
        if (table.Lines.Count == 0)
        {
            throw new ImportException(ImportError.NoRows, path, $"'{path}' has headers, but no row.");
        }

        var faults = new List<string>();
        var rows = table.Lines.Select((line, index) => Row(new CellReader(line, columns, index + 2, LongestName, faults))).ToList();
        return faults.Count == 0 ? rows : throw new ImportException(
            ImportError.InvalidCell,
            path,
            string.Create(CultureInfo.InvariantCulture, $"'{path}' has {faults.Count} cell(s) that cannot be used:\n")
            + string.Join("\n", faults.Take(ShownFaults)) + (faults.Count > ShownFaults ? "\n..." : ""));
    }

    /// <summary>Refuses what no plan has, before rows are filled up to the width of the headers.</summary>
    /// <exception cref="OversizeException">There are too many columns or rows.</exception>
    internal static void RequireSize(int columns, int rows)
    {
        if (columns > MostColumns || rows > MostRows)
        {
            throw new OversizeException(columns > MostColumns
                ? string.Create(CultureInfo.InvariantCulture, $"over {MostColumns} columns")
                : string.Create(CultureInfo.InvariantCulture, $"{rows} rows; {MostRows} are read at most"));
        }
    }

    private static LayerAssignment Row(CellReader cells) => new()
    {
        Layer = cells.Text("Layer", mayBeEmpty: false),
        Block = cells.Integer("Block", -1),
        Module = cells.Text("Module", mayBeEmpty: false),
        InFeatures = cells.Integer("InFeatures", 1),
        OutFeatures = cells.Integer("OutFeatures", 1),
        Quantizer = cells.Text("Quantizer", mayBeEmpty: true),
        Bits = cells.Bits("Bits"),
        EffectiveBits = cells.Bits("EffectiveBits"),
        GroupSize = cells.Integer("GroupSize", -1),
        Error = cells.Number("Error") ?? double.NaN,
        TargetBit = cells.Number("TargetBit"),
        Costs = cells.Optional("Costs"),
    };

    private static Dictionary<string, int> Columns(CellTable table, string path)
    {
        var columns = table.Headers.Select((header, index) => (Header: header.Trim(), index))
            .GroupBy(column => column.Header, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.Select(column => column.index).ToList(), StringComparer.OrdinalIgnoreCase);
        var faults = Needed.Where(name => !columns.ContainsKey(name)).Select(name => name + " (missing)")
            .Concat(AssignmentColumns.All.Select(column => column.Name).Where(name => columns.GetValueOrDefault(name)?.Count > 1).Select(name => name + " (twice)"))
            .ToList();
        return faults.Count == 0
            ? columns.ToDictionary(column => column.Key, column => column.Value[0], StringComparer.OrdinalIgnoreCase)
            : throw new ImportException(ImportError.MissingColumn, path, $"'{path}' is no assignment; its columns: {string.Join(", ", faults)}. Start from a file that Export-OneCompAssignment wrote.");
    }

    private static CellTable Cells(string path)
    {
        Func<string, CellTable> read = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".XLSX" => WorkbookCells.Read,
            ".CSV" => CsvCells.Read,
            ".JSON" => JsonCells.Read,
            var other => throw new ImportException(ImportError.UnknownExtension, path, $"'{path}' ends in '{other.ToLowerInvariant()}'; an assignment is read from .xlsx, .csv or .json."),
        };
        try
        {
            return new FileInfo(path).Length <= LargestFile
                ? read(path)
                : throw TooLarge(path, string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(path).Length} bytes; {LargestFile} are read at most"));
        }
        catch (OversizeException cause)
        {
            throw TooLarge(path, cause.Message);
        }
        catch (Exception cause) when (cause is FormatException or JsonException or InvalidDataException or DocumentFormat.OpenXml.Packaging.OpenXmlPackageException or System.Xml.XmlException or FileFormatException)
        {
            throw new ImportException(ImportError.Malformed, path, $"'{path}' cannot be read as {Path.GetExtension(path).ToLowerInvariant()}: {cause.Message}", cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new ImportException(ImportError.ReadFailed, path, $"'{path}' cannot be read: {cause.Message} Check the path and its rights, and that no program has it open.", cause);
        }
    }

    private static ImportException TooLarge(string path, string why) => new(ImportError.TooLarge, path, $"'{path}' is no assignment: it has {why}.");
}
