using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using OneComp.Pipeline;
using OneComp.Tests.Support;

namespace OneComp.Tests.Examples;

/// <summary>examples/plan-in-excel.ps1 and examples/compare-budgets.ps1.</summary>
public sealed class PlanInExcelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_plan_that_was_edited_in_the_workbook_is_carried_out()
    {
        var model = SmallModels.Write(_folder.File("model"));
        var file = Assert.Single(Run("plan-in-excel.ps1", "-Model $Model -Path $Path -TargetBit 4", new { Model = model, Path = _folder.File("plan.xlsx") }).Output);
        Assert.IsType<FileInfo>(file.BaseObject);
        var cell = SetBits(_folder.File("plan.xlsx"), "model.layers.1.mlp.down_proj", "2");
        Assert.NotEqual("2", cell);

        var result = Run("plan-in-excel.ps1", "-Model $Model -Path $Path -TargetBit 4 -Apply -Destination $To", new { Model = model, Path = _folder.File("plan.xlsx"), To = _folder.File("q") });

        var quantized = Assert.IsType<QuantizationResult>(Assert.Single(result.Output).BaseObject);
        Assert.Equal(2, quantized.Assignment.Single(row => row.Layer == "model.layers.1.mlp.down_proj").Bits);
    }

    [Fact]
    public void A_model_that_is_not_there_is_bad_input()
    {
        _session.Invoke("param($Script, $Path) & $Script -Model ./nothing -Path $Path", new { Script = Script("plan-in-excel.ps1"), Path = _folder.File("plan.xlsx") });
        Assert.Equal(2, _session.Invoke("$LASTEXITCODE").Single<int>());
    }

    [Fact]
    public void Several_budgets_give_a_summary_each_a_workbook_and_a_picture()
    {
        var model = SmallModels.Write(_folder.File("model"));
        var result = Run("compare-budgets.ps1", "-Model $Model -TargetBit 4, 5, 6 -Output $To", new { Model = model, To = _folder.File("out") });

        Assert.Equal([4.0, 5.0, 6.0], result.Output.Select(summary => (double?)summary.Properties["TargetBit"].Value));
        Assert.Equal(["budgets.png", "budgets.xlsx"], Directory.GetFiles(_folder.File("out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private InvocationResult Run(string script, string arguments, object parameters)
    {
        var names = string.Join(", ", parameters.GetType().GetProperties().Select(property => "$" + property.Name));
        var result = _session.Invoke($"param({names}) $global:LASTEXITCODE = 0; & '{Script(script)}' {arguments}", parameters);
        Assert.Empty(result.AllErrors.Select(error => error.ToString()));
        Assert.Equal(0, _session.Invoke("$LASTEXITCODE").Single<int>());
        return result;
    }

    private static string Script(string name) => Path.Combine(Repository.Root, "examples", name);

    /// <summary>Types over the cell of column Bits; gives what was there.</summary>
    private static string SetBits(string path, string layer, string bits)
    {
        using var document = SpreadsheetDocument.Open(path, isEditable: true);
        var book = document.WorkbookPart!;
        var sheet = book.Workbook!.Descendants<Sheet>().Single(candidate => candidate.Name == "Assignment");
        var row = ((WorksheetPart)book.GetPartById(sheet.Id!.Value!)).Worksheet!.Descendants<Row>().Single(line => line.GetFirstChild<Cell>()!.InnerText == layer);
        var cell = row.Elements<Cell>().Single(candidate => candidate.CellReference!.Value!.StartsWith('H'));
        var old = cell.CellValue!.Text;
        cell.CellValue = new CellValue(bits);
        return old;
    }
}
