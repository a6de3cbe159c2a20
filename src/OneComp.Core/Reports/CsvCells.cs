using System.Text;

namespace OneComp.Reports;

/// <summary>
/// Reads comma-separated values (RFC 4180), also as spreadsheets with a decimal comma save them: separated by semicolons, numbers
/// with a comma.
/// </summary>
internal static class CsvCells
{
    /// <summary>Reads the file; UTF-8, or what its byte order mark says.</summary>
    /// <exception cref="FormatException">A quote is never closed, or a line has more cells than there are headers.</exception>
    public static CellTable Read(string path)
    {
        var text = File.ReadAllText(path, Encoding.UTF8);
        var headerEnd = text.IndexOfAny(['\r', '\n']);
        var header = headerEnd < 0 ? text : text[..headerEnd];
        var separator = header.Contains(';', StringComparison.Ordinal) && !header.Contains(',', StringComparison.Ordinal) ? ';' : ',';
        var lines = Lines(text, separator).Where(line => line.Any(cell => cell.Length > 0)).ToList();
        if (lines.Count == 0)
        {
            return new CellTable([], []);
        }

        var width = lines[0].Count;
        AssignmentImport.RequireSize(width, lines.Count - 1);
        var cells = new List<string?[]>();
        foreach (var line in lines.Skip(1))
        {
            if (line.Count > width)
            {
                throw new FormatException($"line '{string.Join(separator, line)[..Math.Min(40, line.Sum(cell => cell.Length))]}...' has {line.Count} cells for {width} headers.");
            }

            cells.Add([.. line.Select(cell => separator == ';' ? DecimalPoint(cell) : cell), .. Enumerable.Repeat<string?>(null, width - line.Count)]);
        }

        return new CellTable(lines[0], cells);
    }

    /// <summary>3,14 as 3.14; anything else as it is.</summary>
    private static string DecimalPoint(string cell) =>
        cell.Count(character => character == ',') == 1 && cell.All(character => char.IsAsciiDigit(character) || character is ',' or '-' or '+' or 'e' or 'E')
            ? cell.Replace(',', '.')
            : cell;

    private static IEnumerable<List<string>> Lines(string text, char separator)
    {
        var line = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (quoted)
            {
                if (character != '"')
                {
                    cell.Append(character);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    cell.Append('"');
                    i++;
                }
                else
                {
                    quoted = false;
                }
            }
            else if (character == '"' && cell.Length == 0)
            {
                quoted = true;
            }
            else if (character == separator || character == '\n')
            {
                line.Add(Take());
                if (character == '\n')
                {
                    yield return line;
                    line = [];
                }
            }
            else if (character != '\r')
            {
                cell.Append(character);
            }
        }

        if (quoted)
        {
            throw new FormatException("a quote is opened and never closed.");
        }

        line.Add(Take());
        yield return line;

        string Take()
        {
            var value = cell.ToString();
            cell.Clear();
            return value;
        }
    }
}
