using DocumentFormat.OpenXml.Spreadsheet;

namespace OneComp.Reports;

/// <summary>The cell formats of a workbook: General, a bold one for headers, and one for each number format.</summary>
internal sealed class WorkbookStyles
{
    /// <summary>Index of the header's format.</summary>
    public const uint Header = 1;

    private const uint FirstCustomFormat = 164; // lower ids are Excel's own formats

    private readonly List<string> _formats;

    public WorkbookStyles(IEnumerable<string?> numberFormats) => _formats = [.. numberFormats.OfType<string>().Distinct()];

    /// <summary>Index of the cell format with the number format; 0, General, for null.</summary>
    public uint IndexOf(string? numberFormat) => numberFormat is null ? 0 : Header + 1 + (uint)_formats.IndexOf(numberFormat);

    public Stylesheet ToStylesheet() => new(
        new NumberingFormats(_formats.Select((code, index) => new NumberingFormat { NumberFormatId = FirstCustomFormat + (uint)index, FormatCode = code }))
        {
            Count = (uint)_formats.Count,
        },
        new Fonts(FontOf(bold: false), FontOf(bold: true)),
        new Fills(
            new Fill(new PatternFill { PatternType = PatternValues.None }),
            new Fill(new PatternFill { PatternType = PatternValues.Gray125 })), // Excel takes the first two as these whatever they say
        new Borders(new Border(new LeftBorder(), new RightBorder(), new TopBorder(), new BottomBorder(), new DiagonalBorder())),
        new CellStyleFormats(new CellFormat { NumberFormatId = 0, FontId = 0, FillId = 0, BorderId = 0 }),
        new CellFormats(
        [
            new CellFormat { NumberFormatId = 0, FontId = 0, FillId = 0, BorderId = 0, FormatId = 0 },
            new CellFormat { NumberFormatId = 0, FontId = 1, FillId = 0, BorderId = 0, FormatId = 0, ApplyFont = true },
            .. _formats.Select((_, index) => new CellFormat
            {
                NumberFormatId = FirstCustomFormat + (uint)index,
                FontId = 0,
                FillId = 0,
                BorderId = 0,
                FormatId = 0,
                ApplyNumberFormat = true,
            }),
        ]),
        new CellStyles(new CellStyle { Name = "Normal", FormatId = 0, BuiltinId = 0 }));

    private static Font FontOf(bool bold)
    {
        var font = new Font(new FontSize { Val = 11 }, new FontName { Val = "Calibri" });
        if (bold)
        {
            font.PrependChild(new Bold());
        }

        return font;
    }
}
