using DocumentFormat.OpenXml.Spreadsheet;

namespace OneComp.Reports;

/// <summary>The cell formats of a workbook: General, the headers' (bold, white on blue), and those that cells have asked for.</summary>
internal sealed class WorkbookStyles
{
    /// <summary>Index of the header's format.</summary>
    public const uint Header = 1;

    private const uint FirstCustomFormat = 164; // lower ids are Excel's own formats
    private const string HeaderColor = "FF4472C4"; // that of the table style

    private readonly List<(string? NumberFormat, bool LeftAligned)> _formats = [];

    /// <summary>Index of the cell format; 0 for General.</summary>
    public uint IndexOf(string? numberFormat, bool leftAligned)
    {
        if (numberFormat is null && !leftAligned)
        {
            return 0;
        }

        if (!_formats.Contains((numberFormat, leftAligned)))
        {
            _formats.Add((numberFormat, leftAligned));
        }

        return Header + 1 + (uint)_formats.IndexOf((numberFormat, leftAligned));
    }

    public Stylesheet ToStylesheet()
    {
        var codes = _formats.Select(format => format.NumberFormat).OfType<string>().Distinct().ToList();
        return new Stylesheet(
            new NumberingFormats(codes.Select((code, index) => new NumberingFormat { NumberFormatId = FirstCustomFormat + (uint)index, FormatCode = code }))
            {
                Count = (uint)codes.Count,
            },
            new Fonts(FontOf(isHeader: false), FontOf(isHeader: true)),
            new Fills( // Excel takes the first two as these, whatever they say
                new Fill(new PatternFill { PatternType = PatternValues.None }),
                new Fill(new PatternFill { PatternType = PatternValues.Gray125 }),
                new Fill(new PatternFill(new ForegroundColor { Rgb = HeaderColor }) { PatternType = PatternValues.Solid })),
            new Borders(new Border(new LeftBorder(), new RightBorder(), new TopBorder(), new BottomBorder(), new DiagonalBorder())),
            new CellStyleFormats(new CellFormat { NumberFormatId = 0, FontId = 0, FillId = 0, BorderId = 0 }),
            new CellFormats(
            [
                Format(0, font: 0, fill: 0),
                Format(0, font: 1, fill: 2),
                .. _formats.Select(format =>
                {
                    var cell = Format(format.NumberFormat is { } code ? FirstCustomFormat + (uint)codes.IndexOf(code) : 0, font: 0, fill: 0);
                    if (format.LeftAligned)
                    {
                        cell.ApplyAlignment = true;
                        cell.Append(new Alignment { Horizontal = HorizontalAlignmentValues.Left });
                    }

                    return cell;
                }),
            ]),
            new CellStyles(new CellStyle { Name = "Normal", FormatId = 0, BuiltinId = 0 }));
    }

    private static CellFormat Format(uint numberFormat, uint font, uint fill) => new()
    {
        NumberFormatId = numberFormat,
        FontId = font,
        FillId = fill,
        BorderId = 0,
        FormatId = 0,
        ApplyNumberFormat = numberFormat > 0,
        ApplyFont = font > 0,
        ApplyFill = fill > 0,
    };

    private static Font FontOf(bool isHeader) => isHeader
        ? new Font(new Bold(), new FontSize { Val = 11 }, new Color { Rgb = "FFFFFFFF" }, new FontName { Val = "Calibri" })
        : new Font(new FontSize { Val = 11 }, new FontName { Val = "Calibri" });
}
