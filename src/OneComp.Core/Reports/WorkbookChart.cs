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

    // Blue and orange of Office's own palette; the second line stands out as a diamond.
    private static readonly (string Color, C.MarkerStyleValues Symbol, byte Size)[] Looks =
        [("4472C4", C.MarkerStyleValues.Circle, 7), ("ED7D31", C.MarkerStyleValues.Diamond, 12)];

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
                new C.PlotArea(new C.Layout(), Scatter(sheet, chart),
                    Axis(XAxis, YAxis, sheet.Columns[chart.XColumn].Header, C.AxisPositionValues.Bottom, NumberFormats.Bits, false),
                    Axis(YAxis, XAxis, sheet.Columns[chart.YColumn].Header, C.AxisPositionValues.Left, NumberFormats.CostTicks, chart.Logarithmic)),
                new C.PlotVisibleOnly { Val = true }));
        if (chart.Series.Count > 1) // between the plot area and what follows it, as the schema has it
        {
            part.ChartSpace.Descendants<C.PlotArea>().Single().InsertAfterSelf(new C.Legend(new C.LegendPosition { Val = C.LegendPositionValues.Bottom }, new C.Overlay { Val = false }));
        }

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

    private static C.ScatterChart Scatter(Sheet sheet, SheetChart chart)
    {
        var scatter = new C.ScatterChart(new C.ScatterStyle { Val = C.ScatterStyleValues.LineMarker }, new C.VaryColors { Val = false });
        scatter.Append(chart.Series.Select((series, index) => Line(sheet, chart, series, (uint)index)));
        scatter.Append(new C.AxisId { Val = XAxis }, new C.AxisId { Val = YAxis });
        return scatter;
    }

    private static C.ScatterChartSeries Line(Sheet sheet, SheetChart chart, ChartSeries series, uint index)
    {
        var (color, symbol, size) = Looks[index % Looks.Length];
        return new C.ScatterChartSeries(
            new C.Index { Val = index },
            new C.Order { Val = index },
            new C.SeriesText(new C.NumericValue(series.Name)),
            new C.ChartShapeProperties(new A.Outline(Fill(color)) { Width = 19050 }), // 1.5 points
            new C.Marker(new C.Symbol { Val = symbol }, new C.Size { Val = size }, new C.ChartShapeProperties(Fill(color), new A.Outline(Fill(color)))),
            new C.XValues(Values(sheet, chart.XColumn, series)),
            new C.YValues(Values(sheet, chart.YColumn, series)),
            new C.Smooth { Val = false });
    }

    private static A.SolidFill Fill(string color) => new(new A.RgbColorModelHex { Val = color });

    // The values are saved too, for programs that show a file without computing it.
    private static C.NumberReference Values(Sheet sheet, int column, ChartSeries series)
    {
        var cache = new C.NumberingCache(new C.FormatCode("General"), new C.PointCount { Val = (uint)series.Count });
        cache.Append(Enumerable.Range(0, series.Count)
            .Where(point => sheet.Rows[series.FirstLine + point][column] is not null)
            .Select(point => new C.NumericPoint(new C.NumericValue(Convert.ToString(sheet.Rows[series.FirstLine + point][column], CultureInfo.InvariantCulture)!)) { Index = (uint)point }));
        return new C.NumberReference(new C.Formula(sheet.Range(column, series.FirstLine, series.Count)), cache);
    }

    private static C.ValueAxis Axis(uint id, uint crosses, string title, C.AxisPositionValues position, string format, bool logarithmic) => new(
        new C.AxisId { Val = id },
        logarithmic
            ? new C.Scaling(new C.LogBase { Val = 10 }, new C.Orientation { Val = C.OrientationValues.MinMax })
            : new C.Scaling(new C.Orientation { Val = C.OrientationValues.MinMax }),
        new C.Delete { Val = false },
        new C.AxisPosition { Val = position },
        new C.MajorGridlines(new C.ChartShapeProperties(new A.Outline(Fill("D9D9D9")))),
        Title(title),
        new C.NumberingFormat { FormatCode = format, SourceLinked = false },
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
