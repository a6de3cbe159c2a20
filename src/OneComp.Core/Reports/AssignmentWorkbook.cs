using System.Globalization;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;

namespace OneComp.Reports;

/// <summary>Writes the workbook of a plan (Office Open XML, ECMA-376) without Excel or ImportExcel.</summary>
public static class AssignmentWorkbook
{
    /// <summary>Writes the file; one that is there is replaced.</summary>
    /// <param name="path">File to write.</param>
    /// <param name="report">The plan.</param>
    /// <exception cref="IOException">Writing failed.</exception>
    public static void Write(string path, AssignmentReport report) => Write(path, AssignmentSheets.Of(report));

    /// <summary>Writes sheets to a file; one that is there is replaced.</summary>
    internal static void Write(string path, IReadOnlyList<Sheet> sheets)
    {
        using var document = SpreadsheetDocument.Create(path, SpreadsheetDocumentType.Workbook);
        var book = document.AddWorkbookPart();
        document.PackageProperties.Creator = "OneComp.PowerShell";
        var styles = new WorkbookStyles();

        var list = new Sheets();
        uint id = 0;
        foreach (var sheet in sheets)
        {
            id++;
            var part = book.AddNewPart<WorksheetPart>();
            part.Worksheet = ToWorksheet(sheet, styles, isFirst: id == 1);
            if (sheet.Chart is { } chart) // before the table, as the schema has it
            {
                part.Worksheet.Append(new Drawing { Id = WorkbookChart.Add(part, sheet, chart) });
            }

            if (sheet.TableName is not null)
            {
                part.Worksheet.Append(new TableParts(new TablePart { Id = AddTable(part, sheet, id) }) { Count = 1 });
            }

            list.Append(new DocumentFormat.OpenXml.Spreadsheet.Sheet
            {
                Name = sheet.Name,
                SheetId = id,
                Id = book.GetIdOfPart(part),
            });
        }

        book.AddNewPart<WorkbookStylesPart>().Stylesheet = styles.ToStylesheet();
        book.Workbook = new Workbook(list);
    }

    // The order of the elements is the schema's: properties, views, columns, data, conditional formats, page, (drawing, tables).
    private static Worksheet ToWorksheet(Sheet sheet, WorkbookStyles styles, bool isFirst)
    {
        var worksheet = new Worksheet(
            new SheetProperties(new PageSetupProperties { FitToPage = true }),
            new SheetViews(View(sheet, isFirst)),
            new Columns(sheet.Columns.Select((column, index) => new Column
            {
                Min = (uint)index + 1,
                Max = (uint)index + 1,
                Width = column.Width,
                CustomWidth = true,
                Hidden = column.Hidden ? true : null,
            })));

        var data = new SheetData();
        data.Append(ToRow(0, sheet.Columns.Select(column => (object?)column.Header), _ => WorkbookStyles.Header));
        for (int line = 0; line < sheet.Rows.Count; line++)
        {
            var (number, row) = (line, sheet.Rows[line]);
            data.Append(ToRow(line + 1, row, column => row[column] is string ? 0 : styles.IndexOf(sheet.FormatOf(number, column), sheet.Columns[column].LeftAligned)));
        }

        worksheet.Append(data);
        if (sheet.ColorScale is not null)
        {
            worksheet.Append(ThreeColors(sheet.ColorScale));
        }

        // On paper: as wide as a page, as many pages as it takes.
        worksheet.Append(new PageSetup { Orientation = OrientationValues.Landscape, FitToWidth = 1, FitToHeight = 0 });

        return worksheet;
    }

    private static SheetView View(Sheet sheet, bool isFirst)
    {
        var pane = new Pane
        {
            VerticalSplit = 1,
            TopLeftCell = sheet.FreezeFirstColumn ? "B2" : "A2",
            ActivePane = sheet.FreezeFirstColumn ? PaneValues.BottomRight : PaneValues.BottomLeft,
            State = PaneStateValues.Frozen,
        };
        if (sheet.FreezeFirstColumn)
        {
            pane.HorizontalSplit = 1;
        }

        return new SheetView(pane) { WorkbookViewId = 0, TabSelected = isFirst };
    }

    private static Row ToRow(int line, IEnumerable<object?> values, Func<int, uint> style)
    {
        var row = new Row { RowIndex = (uint)line + 1 };
        row.Append(values.Select((value, column) => ToCell(value, Sheet.Address(line, column), style(column))).OfType<Cell>());
        return row;
    }

    private static Cell? ToCell(object? value, string address, uint style) => value switch
    {
        null => null,
        string text => new Cell(new InlineString(new Text(text) { Space = SpaceProcessingModeValues.Preserve }))
        {
            CellReference = address,
            DataType = CellValues.InlineString,
            StyleIndex = style,
        },
        _ => new Cell(new CellValue(Convert.ToString(value, CultureInfo.InvariantCulture)!))
        {
            CellReference = address,
            StyleIndex = style,
        },
    };

    // Excel's own red-yellow-green scale, which ImportExcel draws too.
    private static ConditionalFormatting ThreeColors(string range) => new(
        new ConditionalFormattingRule(
            new ColorScale(
                new ConditionalFormatValueObject { Type = ConditionalFormatValueObjectValues.Min },
                new ConditionalFormatValueObject { Type = ConditionalFormatValueObjectValues.Percentile, Val = "50" },
                new ConditionalFormatValueObject { Type = ConditionalFormatValueObjectValues.Max },
                new Color { Rgb = "FFF8696B" },
                new Color { Rgb = "FFFFEB84" },
                new Color { Rgb = "FF63BE7B" }))
        {
            Type = ConditionalFormatValues.ColorScale,
            Priority = 1,
        })
    {
        SequenceOfReferences = new ListValue<StringValue>([range]),
    };

    private static string AddTable(WorksheetPart sheetPart, Sheet sheet, uint id)
    {
        string range = $"A1:{Sheet.Address(sheet.Rows.Count, sheet.Columns.Count - 1)}";
        var part = sheetPart.AddNewPart<TableDefinitionPart>();
        part.Table = new Table(
            new AutoFilter { Reference = range },
            new TableColumns(sheet.Columns.Select((column, index) =>
                new TableColumn { Id = (uint)index + 1, Name = column.Header }))
            {
                Count = (uint)sheet.Columns.Count,
            },
            new TableStyleInfo { Name = "TableStyleMedium2", ShowRowStripes = true })
        {
            Id = id,
            Name = sheet.TableName,
            DisplayName = sheet.TableName,
            Reference = range,
        };
        return sheetPart.GetIdOfPart(part);
    }
}
