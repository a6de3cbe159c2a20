using System.Management.Automation;
using OneComp.Tests.Support;

namespace OneComp.Tests.Cmdlets;

/// <summary>What Tab offers, asked of the real engine.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();

    public CompletionTests()
    {
        foreach (var model in new[] { "llama", "with space" })
        {
            Directory.CreateDirectory(_folder.File(model));
            File.Copy(Path.Combine(Repository.TinyLlama, "config.json"), Path.Combine(_folder.File(model), "config.json"));
        }

        Directory.CreateDirectory(_folder.File("later"));
        Directory.CreateDirectory(_folder.File("out"));
        _session.Invoke("param($Folder) $ExecutionContext.SessionState.Path.SetLocation($Folder)", new { Folder = _folder.Path });
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("Invoke-OneCompQuantization -Device c", "cpu")]
    [InlineData("Invoke-OneComp ./llama -Device ", "cpu")]
    [InlineData("Measure-OneCompPerplexity ./llama -Device cp", "cpu")]
    [InlineData("Get-OneCompDevice ", "cpu")]
    [InlineData("New-AutoBitQuantizer 3 -AssignmentStrategy ", "ActivationAware|Ilp|Manual")]
    [InlineData("New-AutoBitQuantizer 3 -CostMetric Q", "Quantized")]
    [InlineData("New-GptqQuantizer -Preset ", "Default|Best|Reference")]
    [InlineData("Invoke-OneCompQuantization -CalibrationStrategy Drop", "DropHead|DropRand")]
    [InlineData("Invoke-OneCompQuantization -Format ", "Gptq|CompressedTensors|Gguf|Dequantized")]
    [InlineData("Get-OneCompVramEstimate ./llama -Format ", "Gptq|CompressedTensors")]
    [InlineData("Get-OneCompVramEstimate ./llama -KvBits ", "4|8|16|32")]
    [InlineData("Get-OneCompVramEstimate ./llama -Method ", "Exact|OneComp")]
    [InlineData("New-DbfQuantizer -BalanceMode ", "L1|L2")]
    public void Values_that_a_parameter_takes_are_offered(string line, string expected)
    {
        var offered = Complete(line);
        Assert.All(expected.Split('|'), value => Assert.Contains(value, offered));
    }

    [Theory]
    [InlineData("Get-OneCompModel ")]
    [InlineData("Get-OneCompModel -Model ")]
    [InlineData("Invoke-OneComp ")]
    [InlineData("Export-OneCompModel ")]
    [InlineData("Import-OneCompModel ")]
    [InlineData("Measure-OneCompDivergence ./llama -Reference ")]
    [InlineData("Test-OneCompModel ./llama -Source ")]
    [InlineData("New-RtnQuantizer | Invoke-OneCompQuantization ")]
    public void Model_folders_come_before_others(string line)
    {
        var offered = Complete(line);
        Assert.Equal(["llama", "'with space'"], offered.Take(2));
        Assert.Contains("later", offered);
    }

    [Fact]
    public void A_path_is_completed_as_it_was_begun()
    {
        Assert.Equal(["./llama", "./later"], Complete("Get-OneCompModel ./l"));
        Assert.Equal([Path.Combine(_folder.Path, "llama")], Complete($"Get-OneCompModel {Path.Combine(_folder.Path, "lla")}"));
        Assert.Equal(["'./with space'"], Complete("Get-OneCompModel './w"));
    }

    [Theory]
    [InlineData("New-GptqQuantizer -IncludeLayerName q_p | Invoke-OneCompQuantization ./llama ./q")]
    [InlineData("New-GptqQuantizer -IncludeLayerName q_p | Get-OneCompAssignment -Model ./llama")]
    [InlineData("$m = './llama'; New-GptqQuantizer -IncludeLayerName q_p | Get-OneCompAssignment $known")]
    [InlineData("New-AutoBitQuantizer 3 -Model ./llama -ExcludeLayerName q_p")]
    public void Names_of_layers_are_those_of_the_model_in_the_pipeline(string line)
    {
        _session.Invoke("$global:known = './llama'");
        var offered = Complete(line, line.IndexOf("q_p", StringComparison.Ordinal) + 3);
        Assert.Equal(Enumerable.Range(0, 6).Select(block => $"model.layers.{block}.self_attn.q_proj"), offered);
    }

    [Fact]
    public void Keywords_are_parts_of_the_models_layers_or_those_that_all_have()
    {
        var ofModel = Complete("Invoke-OneCompQuantization ./llama ./q -QepExcludeKeyword ");
        Assert.Contains("down_proj", ofModel);
        Assert.Contains("layers.5.", ofModel);
        Assert.DoesNotContain("layers.6.", ofModel);
        Assert.Equal(["gate_proj"], Complete("New-RtnQuantizer -IncludeLayerKeyword gat"));
    }

    [Fact]
    public void Quantizers_are_variables_that_hold_them_and_the_commands_that_make_them()
    {
        _session.Invoke("$global:four = New-GptqQuantizer 4; $global:several = 2, 3 | New-RtnQuantizer; $global:other = 5");
        var offered = Complete("Get-OneCompAssignment ./llama -Quantizer ");
        Assert.Contains("$four", offered);
        Assert.Contains("$several", offered);
        Assert.DoesNotContain("$other", offered);
        Assert.Contains("(New-AutoBitQuantizer 3)", offered);
    }

    [Fact]
    public void A_model_that_cannot_be_read_offers_no_layers_and_no_error()
    {
        File.WriteAllText(Path.Combine(_folder.File("later"), "config.json"), "{");
        var offered = Complete("New-GptqQuantizer -IncludeLayerName q_p | Get-OneCompAssignment ./later", "New-GptqQuantizer -IncludeLayerName q_p".Length);
        Assert.DoesNotContain(offered, name => name.Contains("layers", StringComparison.Ordinal));
        Assert.Empty(Complete("Get-OneCompModel ./nowhere/x"));
    }

    private IReadOnlyList<string> Complete(string line, int? at = null)
    {
        using var shell = _session.NewShell();
        var completion = CommandCompletion.CompleteInput(line, at ?? line.Length, null, shell);
        return [.. completion.CompletionMatches.Select(match => match.CompletionText)];
    }
}
