using System.Globalization;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using A = DocumentFormat.OpenXml.Drawing;
using C = DocumentFormat.OpenXml.Drawing.Charts;
using X = DocumentFormat.OpenXml.Drawing.Spreadsheet;

namespace OneComp.Reports;

/// <summary>Puts the chart of a sheet into a workbook (DrawingML, ECMA-376 part 1, section 21).</summary>
internal static class WorkbookChart
{
    private const uint XAxis = 1;
    private const uint YAxis = 2;
    private const int Width = 9;   // columns
    private const int Height = 22; // lines

    /// <summary>Adds the chart to the right of the table.</summary>
    /// <returns>The relation by which the worksheet names the drawing.</returns>
    public static string Add(WorksheetPart sheetPart, Sheet sheet, SheetChart chart)
    {
        var drawings = sheetPart.AddNewPart<DrawingsPart>();
        var part = drawings.AddNewPart<ChartPart>();
        part.ChartSpace = new C.ChartSpace(
            new C.Chart(
                Title(chart.Title),
                new C.AutoTitleDeleted { Val = false },
                new C.PlotArea(new C.Layout(), Scatter(sheet, chart), Axis(XAxis, YAxis, sheet.Columns[chart.XColumn].Header, C.AxisPositionValues.Bottom, false), Axis(YAxis, XAxis, sheet.Columns[chart.YColumn].Header, C.AxisPositionValues.Left, true)),
                new C.PlotVisibleOnly { Val = true }));
        drawings.WorksheetDrawing = new X.WorksheetDrawing(new X.TwoCellAnchor(
            Marker<X.FromMarker>(sheet.Columns.Count + 1, 1),
            Marker<X.ToMarker>(sheet.Columns.Count + 1 + Width, 1 + Height),
            new X.GraphicFrame(
                new X.NonVisualGraphicFrameProperties(
                    new X.NonVisualDrawingProperties { Id = 2, Name = chart.Title },
                    new X.NonVisualGraphicFrameDrawingProperties()),
                new X.Transform(new A.Offset { X = 0, Y = 0 }, new A.Extents { Cx = 0, Cy = 0 }),
                new A.Graphic(new A.GraphicData(new C.ChartReference { Id = drawings.GetIdOfPart(part) }) { Uri = "http://schemas.openxmlformats.org/drawingml/2006/chart" }))
            {
                Macro = "",
            },
            new X.ClientData()));
        return sheetPart.GetIdOfPart(drawings);
    }

    private static C.ScatterChart Scatter(Sheet sheet, SheetChart chart) => new(
        new C.ScatterStyle { Val = C.ScatterStyleValues.LineMarker },
        new C.VaryColors { Val = false },
        new C.ScatterChartSeries(
            new C.Index { Val = 0 },
            new C.Order { Val = 0 },
            new C.Marker(new C.Symbol { Val = C.MarkerStyleValues.Circle }),
            new C.XValues(Values(sheet, chart.XColumn)),
            new C.YValues(Values(sheet, chart.YColumn)),
            new C.Smooth { Val = false }),
        new C.AxisId { Val = XAxis },
        new C.AxisId { Val = YAxis });

    private static C.NumberReference Values(Sheet sheet, int column)
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"{sheet.Name}!${Sheet.Address(1, column)[..^1]}$2:${Sheet.Address(1, column)[..^1]}${sheet.Rows.Count + 1}");
        return new C.NumberReference(new C.Formula(range));
    }

    private static C.ValueAxis Axis(uint id, uint crosses, string title, C.AxisPositionValues position, bool logarithmic) => new(
        new C.AxisId { Val = id },
        logarithmic
            ? new C.Scaling(new C.LogBase { Val = 10 }, new C.Orientation { Val = C.OrientationValues.MinMax })
            : new C.Scaling(new C.Orientation { Val = C.OrientationValues.MinMax }),
        new C.Delete { Val = false },
        new C.AxisPosition { Val = position },
        Title(title),
        new C.NumberingFormat { FormatCode = "General", SourceLinked = false },
        new C.CrossingAxis { Val = crosses },
        new C.Crosses { Val = C.CrossesValues.Minimum });

    private static C.Title Title(string text) => new(
        new C.ChartText(new C.RichText(new A.BodyProperties(), new A.ListStyle(), new A.Paragraph(new A.Run(new A.Text(text))))),
        new C.Overlay { Val = false });

    private static T Marker<T>(int column, int row)
        where T : OpenXmlCompositeElement, new()
    {
        var marker = new T();
        marker.Append(
            new X.ColumnId(column.ToString(CultureInfo.InvariantCulture)),
            new X.ColumnOffset("0"),
            new X.RowId(row.ToString(CultureInfo.InvariantCulture)),
            new X.RowOffset("0"));
        return marker;
    }
}
