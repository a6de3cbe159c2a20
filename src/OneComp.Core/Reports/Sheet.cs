namespace OneComp.Reports;

/// <summary>
/// One sheet of a workbook, whoever writes it. Both writers (<see cref="AssignmentWorkbook"/> here and the one with
/// ImportExcel) take their sheets from <see cref="AssignmentSheets"/>, so that the same plan gives the same sheets and values.
/// </summary>
/// <param name="Name">Name on the sheet's tab.</param>
/// <param name="Columns">The columns; their headers are the first line, which stays in view.</param>
/// <param name="Rows">Lines below the header, a value a column: a string, a long, a double, or null for a blank cell.</param>
public sealed record Sheet(string Name, IReadOnlyList<SheetColumn> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows)
{
    /// <summary>Name of the table that the lines form, with filters in its header; null for plain cells.</summary>
    public string? TableName { get; init; }

    /// <summary>
    /// Cells that a three-colour scale paints, from lowest (red) over the median (yellow) to highest (green): <c>B2:H7</c>;
    /// null for none.
    /// </summary>
    public string? ColorScale { get; init; }

    /// <summary>Format codes of the numbers of each line, in place of the columns'; null for none.</summary>
    public IReadOnlyList<string?>? LineFormats { get; init; }

    /// <summary>A chart beside the lines; null for none.</summary>
    public SheetChart? Chart { get; init; }

    /// <summary>True to keep the first column in view too.</summary>
    public bool FreezeFirstColumn { get; init; }

    /// <summary>Format code of a cell below the header; null for General.</summary>
    /// <param name="line">Line, the first below the header being 0.</param>
    /// <param name="column">Column, from 0.</param>
    public string? FormatOf(int line, int column) => LineFormats?[line] ?? Columns[column].NumberFormat;

    /// <summary>A range of one column, as a chart names it: <c>Curve!$B$2:$B$5</c>.</summary>
    /// <param name="column">Column, from 0.</param>
    /// <param name="line">First line, the first below the header being 0.</param>
    /// <param name="count">Number of lines.</param>
    public string Range(int column, int line, int count)
    {
        var letters = Address(0, column)[..^1];
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name}!${letters}${line + 2}:${letters}${line + count + 1}");
    }

    /// <summary>A cell's address: (0, 0) is <c>A1</c>.</summary>
    /// <param name="row">Line, the header being 0.</param>
    /// <param name="column">Column, from 0.</param>
    public static string Address(int row, int column)
    {
        string letters = "";
        for (int rest = column; rest >= 0; rest = rest / 26 - 1)
        {
            letters = (char)('A' + rest % 26) + letters;
        }

        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{letters}{row + 1}");
    }
}
