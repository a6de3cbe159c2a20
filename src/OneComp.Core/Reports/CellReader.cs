using System.Globalization;
using OneComp.Safetensors;

namespace OneComp.Reports;

/// <summary>Reads the cells of one line by column and type; what cannot be read is put on a list and reads as a default.</summary>
/// <param name="cells">The line.</param>
/// <param name="columns">Where each column is.</param>
/// <param name="number">Number of the line, the header being 1.</param>
/// <param name="longestName">Characters that a name may have.</param>
/// <param name="faults">Gets a sentence for each cell at fault.</param>
internal sealed class CellReader(string?[] cells, Dictionary<string, int> columns, int number, int longestName, List<string> faults)
{
    private const double MostBits = 64;

    /// <summary>A name.</summary>
    public string Text(string column, bool mayBeEmpty)
    {
        var text = Optional(column) ?? "";
        if (text.Length == 0 && !mayBeEmpty)
        {
            Fault(column, text, "a name");
        }
        else if (text.Length > longestName || text.Any(char.IsControl))
        {
            Fault(column, text[..Math.Min(text.Length, 40)] + "...", "a name of one line");
        }

        return text;
    }

    /// <summary>A whole number of at least <paramref name="least"/>.</summary>
    public int Integer(string column, int least)
    {
        var value = Number(column);
        if (value is { } number && number == Math.Floor(number) && number >= least && number <= int.MaxValue)
        {
            return (int)number;
        }

        Fault(column, Optional(column), string.Create(CultureInfo.InvariantCulture, $"a whole number of at least {least}"));
        return least;
    }

    /// <summary>More than 0 and at most 64 bits.</summary>
    public double Bits(string column)
    {
        if (Number(column) is { } bits and > 0 and <= MostBits)
        {
            return bits;
        }

        Fault(column, Optional(column), "bits, more than 0");
        return 1;
    }

    /// <summary>A finite number; null for an empty cell, or where there is no such column.</summary>
    public double? Number(string column)
    {
        if (Optional(column) is not { Length: > 0 } text)
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value))
        {
            return value;
        }

        Fault(column, text, "a number");
        return null;
    }

    /// <summary>The text of a cell; null for an empty cell, or where there is no such column.</summary>
    public string? Optional(string column) => columns.TryGetValue(column, out var at) && cells[at] is { } text && text.Trim() is { Length: > 0 } trimmed ? trimmed : null;

    private void Fault(string column, string? value, string expected)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"line {number}, {column}:");
        if (faults.Count == 0 || !faults[^1].StartsWith(place, StringComparison.Ordinal)) // of one cell, the first fault
        {
            faults.Add($"{place} '{Quoted.Cut(value ?? "")}' is not {expected}");
        }
    }
}
