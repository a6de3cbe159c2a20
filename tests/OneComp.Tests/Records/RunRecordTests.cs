using System.Security.Cryptography;
using System.Text.Json.Nodes;
using OneComp.Evaluation;
using OneComp.Export;
using OneComp.Pipeline;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Gptq;
using OneComp.Records;
using OneComp.Tests.Export;
using OneComp.Tests.Models;

namespace OneComp.Tests.Records;

/// <summary>onecomp.json and the model card.</summary>
public class RunRecordTests
{
    [Fact]
    public void The_record_has_every_setting_versions_the_seed_and_the_hash_of_each_file()
    {
        using var folder = new QuantizedFolder("qwen2", new GptqQuantizer { WBits = 3, GroupSize = 16, ActOrder = true });
        var record = JsonNode.Parse(File.ReadAllText(Path.Combine(folder.Path, "onecomp.json")))!;
        var settings = record["quantization"]!["settings"]!.AsObject();
        string[] ofTheProcess = ["Force", "Resume", "LogPath"]; // they say nothing of the result
        Assert.All(typeof(QuantizationOptions).GetProperties(), property => Assert.Equal(!ofTheProcess.Contains(property.Name), settings.ContainsKey(property.Name)));
        Assert.All(typeof(GptqQuantizer).GetProperties(), property => Assert.Contains(property.Name, settings["Quantizer"]!.AsObject()));
        Assert.Equal((3, true), ((int)settings["Quantizer"]!["WBits"]!, (bool)settings["Quantizer"]!["ActOrder"]!));
        Assert.Equal(0, (int)record["quantization"]!["seed"]!);
        Assert.All((string[])["onecomp", "torchsharp", "dotnet", "system"], name => Assert.False(string.IsNullOrEmpty((string?)record["quantization"]!["versions"]![name]), name));
        Assert.Equal(14, record["quantization"]!["assignment"]!.AsArray().Count);

        var files = record["files"]!.AsObject();
        Assert.Equal(
            Directory.GetFiles(folder.Path).Select(path => Path.GetFileName(path)).Where(name => name is not ("onecomp.json" or "run.json")).Order(StringComparer.Ordinal),
            files.Select(file => file.Key).Order(StringComparer.Ordinal));
        Assert.All(files, file =>
        {
            var bytes = File.ReadAllBytes(Path.Combine(folder.Path, file.Key));
            Assert.Equal((bytes.LongLength, Convert.ToHexStringLower(SHA256.HashData(bytes))), ((long)file.Value!["bytes"]!, (string)file.Value["sha256"]!));
        });
    }

    [Fact]
    public void The_candidates_of_a_plan_are_recorded_with_their_own_settings()
    {
        var settings = SettingsJson.Of(new AutoBitQuantizer { TargetBit = 3, Quantizers = [new GptqQuantizer { WBits = 2, PercDamp = 0.02 }] })!;
        Assert.Equal(0.02, (double)settings["Quantizers"]![0]!["PercDamp"]!);
        Assert.Equal("ActivationAware", (string?)settings["AssignmentStrategy"]);
        Assert.Equal("q_proj", (string?)settings["FusedGroups"]![0]![0]!.ToString().Split('.')[^1]);
    }

    [Fact]
    public void An_export_holds_the_record_of_what_it_was_made_from_and_its_own_settings()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32));
        var exported = folder.Export(ExportFormat.Gguf, options => options with { Fallback = GgufFallback.Q8_0 });
        var (source, result) = (RunRecord.Read(folder.Path)!, RunRecord.Read(exported.Model)!);
        Assert.True(JsonNode.DeepEquals(source.Run, result.Run));
        Assert.Equal("Q8_0", (string?)result.Export!["settings"]!["Fallback"]);
        Assert.Equal(["Gguf.gguf", "README.md"], result.Files.Select(file => file.Key));
        Assert.Equal(exported.Files, result.Files.Count + 1);
    }

    [Fact]
    public void The_card_says_source_recipe_assignment_and_how_to_serve_and_keeps_the_source_s_card_beside_it()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32));
        File.WriteAllText(Path.Combine(folder.Source, "README.md"), "the source's");
        QuantizationRun.Run(new QuantizationOptions { Model = folder.Source, Destination = folder.Path, Quantizer = QuantizedFolder.Rtn(4, 32), Force = true, Device = "cpu" });
        var card = File.ReadAllText(Path.Combine(folder.Path, "README.md"));
        Assert.All((string[])["# q\n", "Quantized from `source`", "| Quantizer | `RTN_4bit_gs32` |", "| RTN_4bit_gs32 | 14 | 100.0 % |", "vllm serve ./q", "Not measured"], part => Assert.Contains(part, card, StringComparison.Ordinal));
        Assert.Equal("the source's", File.ReadAllText(Path.Combine(folder.Path, "README.source.md")));

        var exported = folder.Export(ExportFormat.Gguf);
        Assert.Contains("llama-cli -m Gguf.gguf", File.ReadAllText(Path.Combine(exported.Model, "README.md")), StringComparison.Ordinal);
        Assert.Equal("the source's", File.ReadAllText(Path.Combine(exported.Model, "README.source.md")));
        Assert.Equal("the source's", File.ReadAllText(Path.Combine(folder.Export(ExportFormat.CompressedTensors).Model, "README.source.md")));
    }

    [Fact]
    public void A_measured_perplexity_goes_into_the_record_and_the_card_and_the_hashes_stay_right()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32));
        var options = new PerplexityOptions { Model = folder.Path, Path = Path.Combine(ModelFolders.Architecture("qwen2"), "expected.safetensors"), TensorName = "input_ids", Device = "cpu" };
        var measured = PerplexityRun.Run(options);
        Assert.True(RecordedEvaluation.Add(measured));
        Assert.Equal(measured.Perplexity, (double)RunRecord.Read(folder.Path)!.Evaluations[0]!["perplexity"]!);
        Assert.Contains($"| {measured.Perplexity.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture)} |", File.ReadAllText(Path.Combine(folder.Path, "README.md")), StringComparison.Ordinal);
        Assert.True(OneComp.Verification.ModelCheck.Run(folder.Path)[^1].Passed);
        Assert.False(RecordedEvaluation.Add(measured with { Model = folder.Source }));
    }
}
