using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using OneComp.Tests.Support;

namespace OneComp.Tests.Examples;

/// <summary>The first thing that a person runs: examples/quickstart.ps1 by the host, as the README says.</summary>
public sealed partial class QuickstartTests : IDisposable
{
    private const double LargestLoss = 1.2; // perplexity after, in perplexities before

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_quick_start_with_its_defaults_makes_what_it_says()
    {
        var (exitCode, output, error) = HostProcess.Run("examples/quickstart.ps1", "-Output", _folder.Path);
        Assert.True(exitCode == 0, error + output);

        Assert.Equal(
            ["assignment.xlsx", "heatmap.png", "quantized"],
            Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(
            (string[])["config.json", "model.safetensors", "tokenizer.json"],
            name => Assert.True(File.Exists(_folder.File(Path.Combine("quantized", name))), name));
        using var config = JsonDocument.Parse(File.ReadAllBytes(_folder.File("quantized/config.json")));
        Assert.Contains(config.RootElement.GetProperty("quantization_config").GetProperty("quant_method").GetString(), (string[])["gptq", "mixed_gptq"]);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(_folder.File("heatmap.png")).Take(4));
        Assert.Equal("PK"u8.ToArray(), File.ReadAllBytes(_folder.File("assignment.xlsx")).Take(2));

        Assert.All(
            (string[])["QuantGB", "Quantizers", "EffectiveBits", "CheckpointBytes", "assignment.xlsx", "heatmap.png", "Perplexity"],
            title => Assert.Contains(title, output, StringComparison.Ordinal));
        Assert.Equal(42, LayerRow().Count(output));
        Assert.Contains("Quantizing tiny-llama: planning", error, StringComparison.Ordinal); // a new activity always shows

        var (before, after) = (Perplexity("tiny-llama", output), Perplexity("quantized", output));
        Assert.InRange(after, before, before * LargestLoss);
    }

    [Fact]
    public void A_model_that_is_not_there_ends_the_quick_start_with_an_error()
    {
        var (exitCode, _, error) = HostProcess.Run("examples/quickstart.ps1", "-Model", _folder.File("none"), "-Output", _folder.File("out"));
        Assert.NotEqual(0, exitCode);
        Assert.Contains(_folder.File("none"), error, StringComparison.Ordinal);
    }

    private static double Perplexity(string model, string output)
    {
        var row = Regex.Match(output, $@"^{model} +held-out\.txt +([\d.]+) ", RegexOptions.Multiline);
        Assert.True(row.Success, $"no perplexity of {model} in:{Environment.NewLine}{output}");
        return double.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^ +\d (self_attn|mlp)\.\w+ +GPTQ_\dbit_gs128 ", RegexOptions.Multiline)]
    private static partial Regex LayerRow();
}
