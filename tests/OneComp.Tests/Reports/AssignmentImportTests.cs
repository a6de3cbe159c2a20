using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using OneComp.Quantization;
using OneComp.Reports;
using OneComp.Tests.Support;

namespace OneComp.Tests.Reports;

/// <summary>Plans read back from files.</summary>
public class AssignmentImportTests
{
    private const string Header = "Layer,Block,Module,InFeatures,OutFeatures,Quantizer,Bits,EffectiveBits,GroupSize";

    [Theory]
    [InlineData("plan.xlsx")]
    [InlineData("plan.csv")]
    [InlineData("plan.json")]
    public void A_written_plan_reads_back_as_it_was(string name)
    {
        using var folder = new TemporaryFolder();
        var rows = SamplePlan.Rows(3).ConvertAll(row => row with { TargetBit = 2.5, Costs = "GPTQ_2bit=1.5; \"x\"=2" });
        AssignmentFile.Write(folder.File(name), new AssignmentReport(rows), force: false);
        Assert.Equal(rows, AssignmentImport.Read(folder.File(name)));
    }

    [Theory]
    [InlineData("plan.xlsx")]
    [InlineData("plan.csv")]
    [InlineData("plan.json")]
    public void A_written_curve_reads_back_with_its_budgets(string name)
    {
        using var folder = new TemporaryFolder();
        CurveFile.Write(folder.File(name), new AssignmentCurve(TwoPlans()), force: false);
        Assert.Equal(TwoPlans(), AssignmentImport.Read(folder.File(name)));
    }

    [Fact]
    public void The_workbook_of_a_curve_is_valid_and_has_a_chart()
    {
        using var folder = new TemporaryFolder();
        CurveFile.Write(folder.File("c.xlsx"), new AssignmentCurve(TwoPlans()), force: false);
        using var document = SpreadsheetDocument.Open(folder.File("c.xlsx"), false);
        Assert.Empty(new DocumentFormat.OpenXml.Validation.OpenXmlValidator().Validate(document).Select(fault => fault.Description));
        var chart = document.WorkbookPart!.WorksheetParts.Select(part => part.DrawingsPart).OfType<DrawingsPart>().Single().ChartParts.Single();
        Assert.Contains("Curve!$B$2:$B$3", chart.ChartSpace!.InnerText, StringComparison.Ordinal);
    }

    [Fact]
    public void The_picture_of_a_curve_is_a_png()
    {
        using var folder = new TemporaryFolder();
        CurveFile.Write(folder.File("c.png"), new AssignmentCurve(TwoPlans()), force: false);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(folder.File("c.png"))[..4]);
    }

    [Fact]
    public void A_formula_counts_by_its_saved_value()
    {
        using var folder = new TemporaryFolder();
        AssignmentFile.Write(folder.File("p.xlsx"), new AssignmentReport(SamplePlan.Rows(1)), force: false);
        SetFormula(folder.File("p.xlsx"), "H2", "2+2", "4");
        Assert.Equal(4, AssignmentImport.Read(folder.File("p.xlsx"))[0].Bits);
        SetFormula(folder.File("p.xlsx"), "H2", "2+2", null);
        Assert.Equal(ImportError.Malformed, Failure(folder.File("p.xlsx")).Error);
    }

    [Fact]
    public void Semicolons_with_decimal_commas_are_read()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("p.csv"), "\uFEFF" + Header.Replace(',', ';') + "\r\nmodel.layers.0.q;0;q;8;8;GPTQ;3;3,25;-1\r\n");
        Assert.Equal(3.25, AssignmentImport.Read(folder.File("p.csv"))[0].EffectiveBits);
    }

    [Theory]
    [InlineData("p.csv", "Layer,Bits\nq,3\n", ImportError.MissingColumn)]
    [InlineData("p.csv", Header + ",Bits\n", ImportError.MissingColumn)]
    [InlineData("p.csv", Header + "\n", ImportError.NoRows)]
    [InlineData("p.csv", Header + "\n\"q,0\n", ImportError.Malformed)]
    [InlineData("p.csv", Header + "\nq,0,q,8,8,G,3,3,-1,9\n", ImportError.Malformed)]
    [InlineData("p.csv", Header + "\nq,0,q,8,8,G,three,3,-1\n", ImportError.InvalidCell)]
    [InlineData("p.csv", Header + "\nq,0,q,8.5,8,G,3,3,-1\n", ImportError.InvalidCell)]
    [InlineData("p.csv", Header + "\nq,0,q,8,8,G,1e99,3,-1\n", ImportError.InvalidCell)]
    [InlineData("p.json", "{\"Assignment\": 3}", ImportError.Malformed)]
    [InlineData("p.json", "[{\"Layer\": [1]}]", ImportError.Malformed)]
    [InlineData("p.json", "[[[[[[[[[[]]]]]]]]]]", ImportError.Malformed)]
    [InlineData("p.xlsx", "no workbook", ImportError.Malformed)]
    [InlineData("p.txt", "", ImportError.UnknownExtension)]
    public void A_file_at_fault_has_a_named_error(string name, string content, ImportError expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(name), content);
        Assert.Equal(expected, Failure(folder.File(name)).Error);
    }

    [Fact]
    public void All_cells_at_fault_are_listed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("p.csv"), Header + "\nq,x,q,8,8,G,3,3,-1\nq,0,,8,8,G,-3,3,-1\n");
        var message = Failure(folder.File("p.csv")).Message;
        Assert.Contains("line 2, Block: 'x'", message, StringComparison.Ordinal);
        Assert.Contains("line 3, Module: ''", message, StringComparison.Ordinal);
        Assert.Contains("line 3, Bits: '-3'", message, StringComparison.Ordinal);
    }

    private static List<LayerAssignment> TwoPlans() =>
    [
        .. SamplePlan.Rows(2).ConvertAll(row => row with { TargetBit = 2.5 }),
        .. SamplePlan.Rows(2).ConvertAll(row => row with { TargetBit = 3, Error = row.Error / 2 }),
    ];

    private static ImportException Failure(string path) => Assert.Throws<ImportException>(() => AssignmentImport.Read(path));

    private static void SetFormula(string path, string address, string formula, string? value)
    {
        using var document = SpreadsheetDocument.Open(path, true);
        var cell = document.WorkbookPart!.WorksheetParts.SelectMany(part => part.Worksheet!.Descendants<Cell>()).First(cell => cell.CellReference == address);
        cell.CellFormula = new CellFormula(formula);
        cell.CellValue = value is null ? null : new CellValue(value);
    }
}
