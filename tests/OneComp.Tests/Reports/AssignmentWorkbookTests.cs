using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Spreadsheet;
using DocumentFormat.OpenXml.Validation;
using OneComp.Quantization;
using OneComp.Reports;
using OneComp.Tests.Support;
using Charts = DocumentFormat.OpenXml.Drawing.Charts;
using Sheet = OneComp.Reports.Sheet;

namespace OneComp.Tests.Reports;

public sealed class AssignmentWorkbookTests : IDisposable
{
    private static readonly string[] Headers =
        ["Layer", "Block", "Module", "InFeatures", "OutFeatures", "Parameters", "Quantizer", "Bits", "EffectiveBits", "GroupSize", "Error", "TargetBit", "Costs"];

    private readonly TemporaryFolder _folder = new();

    private readonly List<LayerAssignment> _rows =
        [.. SamplePlan.Rows(6, SamplePlan.Summary), SamplePlan.Row(-1, "lm_head", 16, plan: SamplePlan.Summary)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_workbook_is_valid_by_the_schema(bool withBlocks)
    {
        using var workbook = Write(withBlocks ? _rows : [SamplePlan.Row(-1, "encoder.dense", 4), SamplePlan.Row(-1, "decoder.dense", 3)]);

        Assert.Empty(Faults(workbook));
    }

    [Fact]
    public void The_summary_lies_on_top_of_the_assignment_and_the_heatmap()
    {
        using var workbook = Write(_rows);

        Assert.Equal(["Summary", "Assignment", "Heatmap"], workbook.SheetNames);
        Assert.True(workbook.Part("Summary").Worksheet!.Descendants<SheetView>().Single().TabSelected!.Value);
    }

    [Fact]
    public void A_plan_whose_candidates_were_rated_has_a_chart_of_what_each_would_cost_beside_the_plan()
    {
        using var workbook = Write(Rated(costOfFour: 1));

        Assert.Equal(["Summary", "Curve", "Assignment", "Heatmap"], workbook.SheetNames);
        Assert.Empty(Faults(workbook));
        Assert.Equal(
            ["Quantizer", "EffectiveBits", "TotalError", "GPTQ_2bit", 2.25, 9.0, "GPTQ_4bit", 4.25, 1.0, "this plan", 2 + 18 / 128.0, 2 / 3.0],
            workbook.Cells("Curve").OrderBy(cell => cell.Key[1..]).ThenBy(cell => cell.Key).Select(cell => cell.Value));
        var chart = workbook.Part("Curve").DrawingsPart!.ChartParts.Single().ChartSpace!;
        Assert.Equal(
            ["Curve!$B$2:$B$3", "Curve!$C$2:$C$3", "Curve!$B$4:$B$4", "Curve!$C$4:$C$4"],
            chart.Descendants<Charts.Formula>().Select(formula => formula.Text));
        Assert.Equal(["2.25", "4.25", "9", "1"], chart.Descendants<Charts.NumericPoint>().Take(4).Select(point => point.NumericValue!.Text));
        Assert.Single(chart.Descendants<Charts.LogBase>());
        Assert.Single(chart.Descendants<Charts.Legend>());
    }

    [Fact]
    public void A_candidate_that_costs_nothing_makes_the_axis_linear()
    {
        using var workbook = Write(Rated(costOfFour: 0));

        Assert.Empty(Faults(workbook));
        Assert.Empty(workbook.Part("Curve").DrawingsPart!.ChartParts.Single().ChartSpace!.Descendants<Charts.LogBase>());
    }

    [Fact]
    public void Every_row_of_the_plan_is_a_line_of_the_assignment_sheet()
    {
        using var workbook = Write(_rows);
        var cells = workbook.Cells("Assignment");

        Assert.Equal(Headers, Enumerable.Range(0, Headers.Length).Select(column => cells[Sheet.Address(0, column)]));
        for (int line = 0; line < _rows.Count; line++)
        {
            var row = _rows[line];
            object[] expected =
            [
                row.Layer, (double)row.Block, row.Module, (double)row.InFeatures, (double)row.OutFeatures, (double)row.InFeatures * row.OutFeatures,
                row.Quantizer, row.Bits, row.EffectiveBits, (double)row.GroupSize, .. double.IsNaN(row.Error) ? (object[])[] : [row.Error],
            ];
            Assert.Equal(expected, Enumerable.Range(0, expected.Length).Select(column => cells[Sheet.Address(line + 1, column)]));
        }
    }

    [Fact]
    public void A_cost_that_is_not_a_number_is_a_blank_cell()
    {
        using var workbook = Write(_rows);

        Assert.DoesNotContain(Sheet.Address(_rows.Count, Array.IndexOf(Headers, "Error")), workbook.Cells("Assignment").Keys);
    }

    [Fact]
    public void The_assignment_sheet_is_a_table_with_filters_over_all_lines()
    {
        using var workbook = Write(_rows);
        var table = workbook.Part("Assignment").TableDefinitionParts.Single().Table!;

        Assert.Equal("A1:M44", table.Reference!.Value);
        Assert.Equal("A1:M44", table.AutoFilter!.Reference!.Value);
        Assert.Equal(Headers, table.TableColumns!.Elements<TableColumn>().Select(column => column.Name!.Value));
    }

    [Theory]
    [InlineData("Assignment", "B2")]
    [InlineData("Heatmap", "B2")]
    [InlineData("Summary", "B2")]
    public void The_header_stays_in_view(string sheet, string firstScrollingCell)
    {
        using var workbook = Write(_rows);
        var pane = workbook.Part(sheet).Worksheet!.Descendants<Pane>().Single();

        Assert.Equal(PaneStateValues.Frozen, pane.State!.Value);
        Assert.Equal(firstScrollingCell, pane.TopLeftCell!.Value);
    }

    [Theory]
    [InlineData("Assignment", "F2", "#,##0")]
    [InlineData("Assignment", "I2", "0.0000")]
    [InlineData("Assignment", "K2", "0.0000E+00")]
    [InlineData("Heatmap", "C3", "0.##")]
    [InlineData("Assignment", "A2", null)]
    [InlineData("Summary", "B2", null)] // the model's folder
    [InlineData("Summary", "B4", "0.###")] // TargetBit
    [InlineData("Summary", "B6", "0.0000")] // EffectiveBits
    [InlineData("Summary", "B12", "#,##0")] // HalfPrecisionBytes
    public void Numbers_have_the_format_of_their_column(string sheet, string address, string? format)
    {
        using var workbook = Write(_rows);

        Assert.Equal(format, workbook.NumberFormat(sheet, address));
    }

    [Fact]
    public void The_heatmap_sheet_has_the_bits_by_block_and_module_and_nothing_elsewhere()
    {
        _rows.RemoveAt(3); // block 0 has no o_proj
        using var workbook = Write(_rows);
        var cells = workbook.Cells("Heatmap");

        var byPlace = new Dictionary<string, object> { ["A1"] = "Block" };
        string[] columns = ["q_proj", "k_proj", "v_proj", "gate_proj", "up_proj", "down_proj", "o_proj", "lm_head"]; // as they first appear
        for (int column = 0; column < columns.Length; column++)
        {
            byPlace[Sheet.Address(0, column + 1)] = columns[column];
        }

        for (int block = 0; block < 6; block++)
        {
            byPlace[Sheet.Address(block + 1, 0)] = (double)block;
        }

        byPlace["A8"] = "lm_head";
        foreach (var row in _rows)
        {
            int line = row.Block < 0 ? 7 : row.Block + 1;
            byPlace[Sheet.Address(line, 1 + Array.FindIndex(columns, name => row.Module.EndsWith(name, StringComparison.Ordinal)))] = row.Bits;
        }

        Assert.Equal(byPlace.OrderBy(pair => pair.Key), cells.OrderBy(pair => pair.Key));
    }

    [Theory]
    [InlineData("Heatmap", "B2:I8")]
    [InlineData("Assignment", "H2:H44")]
    public void Bits_have_a_three_colour_scale(string sheet, string range)
    {
        using var workbook = Write(_rows);
        var format = workbook.Part(sheet).Worksheet!.Descendants<ConditionalFormatting>().Single();

        Assert.Equal(range, format.SequenceOfReferences!.InnerText);
        Assert.Equal(3, format.Descendants<ColorScale>().Single().Elements<Color>().Select(color => color.Rgb!.Value).Distinct().Count());
    }

    [Fact]
    public void The_summary_sheet_has_the_budget_the_averages_the_sizes_and_the_settings()
    {
        using var workbook = Write([SamplePlan.Row(0, "q", 3, 256, 128, SamplePlan.Summary), SamplePlan.Row(0, "k", 16, 256, 64, SamplePlan.Summary)]);
        var cells = workbook.Cells("Summary");
        var values = cells.Where(cell => cell.Key[0] == 'A').ToDictionary(cell => (string)cell.Value, cell => cells.GetValueOrDefault($"B{cell.Key[1..]}"));

        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["Name"] = "Value",
                ["Model"] = "/models/tiny-llama",
                ["Strategy"] = "ilp",
                ["TargetBit"] = 3.0,
                ["EffectiveTargetBit"] = 3.15,
                ["EffectiveBits"] = 3 + 19 / 128.0,
                ["Bits"] = 3.0,
                ["Layers"] = 2.0,
                ["QuantizedLayers"] = 1.0,
                ["Parameters"] = 49152.0,
                ["QuantizedParameters"] = 32768.0,
                ["HalfPrecisionBytes"] = 98304.0,
                ["PlannedBytes"] = 32768 * (3 + 19 / 128.0) / 8 + 32768,
                ["CheckpointBytes"] = 5_000_000.0,
                ["TotalError"] = null, // one row has no cost
                ["BitsUsed"] = null,
                ["BitsLeft"] = null,
                ["Solver"] = null,
                ["ProvenGap"] = null,
                ["SolveSeconds"] = null,
                ["CalibrationPath"] = "calibration.txt",
                ["Seed"] = "0007",
                ["Formula"] = "=1+1",
            },
            values);
    }

    private static List<LayerAssignment> Rated(double costOfFour)
    {
        var plan = SamplePlan.Summary with { Candidates = [new CandidateTotal("GPTQ_2bit", 2.25, 9), new CandidateTotal("GPTQ_4bit", 4.25, costOfFour)] };
        return [SamplePlan.Row(0, "q", 2, plan: plan) with { Error = 0.5 }, SamplePlan.Row(1, "q", 2, plan: plan) with { Error = 1 / 6.0 }];
    }

    private static IEnumerable<string> Faults(WorkbookReader workbook) => new OpenXmlValidator(FileFormatVersions.Microsoft365).Validate(workbook.Package)
        .Select(error => $"{error.Part?.Uri} {error.Path?.XPath}: {error.Description}");

    private WorkbookReader Write(IEnumerable<LayerAssignment> rows)
    {
        string path = _folder.File("plan.xlsx");
        AssignmentWorkbook.Write(path, new AssignmentReport(rows));
        return new WorkbookReader(path);
    }
}
