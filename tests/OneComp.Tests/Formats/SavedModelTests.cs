using System.Text.Json.Nodes;
using OneComp.Calibration;
using OneComp.Evaluation;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Runtime.Teams;
using OneComp.Safetensors;
using OneComp.Tests.Models;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Formats;

/// <summary>Whole models to a folder and back: biases, tied embeddings, shards, bf16.</summary>
public class SavedModelTests
{
    private static readonly GptqQuantizer Quantizer = new() { WBits = 4, GroupSize = 32, ActOrder = true };

    [Theory]
    [InlineData("llama-bias")]
    [InlineData("qwen2")]
    [InlineData("qwen3-tied-bf16-sharded")]
    public void A_saved_model_predicts_like_the_model_with_the_dequantized_weights_in_memory(string name)
    {
        using var folder = new TemporaryFolder();
        using var source = CausalModel.Open(ModelFolders.Architecture(name));
        using var scope = NewDisposeScope();
        var weights = Save(source, folder.Path);
        var ids = Ids(name);

        using var saved = ModelFolder.Open(folder.Path);
        var expected = ForwardPass.Logits(source, ids, prepare: block =>
        {
            foreach (var layer in block.Layers)
            {
                block.SetWeight(layer, weights[layer.Name]);
            }
        });
        Assert.Equal(0f, ForwardPass.MaxDifference(expected, ForwardPass.Logits(saved, ids)));
        var measured = PerplexityRun.Run(new PerplexityOptions { Model = folder.Path, Path = ExpectedFile(name), TensorName = "input_ids", Device = "cpu" });
        Assert.InRange(measured.Perplexity / Perplexity(expected, ids), 1 - 1e-6, 1 + 1e-6);
    }

    [Theory]
    [InlineData("llama-bias")]
    [InlineData("qwen3-tied-bf16-sharded")]
    public void Tensors_that_are_not_quantized_are_copied_byte_for_byte(string name)
    {
        using var folder = new TemporaryFolder();
        using var source = CausalModel.Open(ModelFolders.Architecture(name));
        using var scope = NewDisposeScope();
        var weights = Save(source, folder.Path);

        using var saved = Checkpoint.Open(folder.Path);
        var kept = source.Checkpoint.Tensors.Values.Where(entry => !weights.ContainsKey(entry.Name.Replace(".weight", "", StringComparison.Ordinal))).ToList();
        Assert.All(kept, entry => Assert.Equal((entry.DType, Join(entry)), (saved.Tensors[entry.Name].DType, Join(saved.Tensors[entry.Name]))));
        Assert.All(kept, entry => Assert.Equal(source.Checkpoint.ReadBytes(entry), saved.ReadBytes(saved.Tensors[entry.Name])));
        Assert.Equal(kept.Count + (4 * weights.Count), saved.Tensors.Count);

        static string Join(TensorEntry entry) => string.Join(",", entry.Shape);
    }

    [Fact]
    public void A_small_limit_gives_shards_with_an_index_that_read_back_alike()
    {
        using var whole = new TemporaryFolder();
        using var sharded = new TemporaryFolder();
        using var source = CausalModel.Open(ModelFolders.Architecture("qwen2"));
        using var scope = NewDisposeScope();
        Save(source, whole.Path);
        Save(source, sharded.Path, maxShardBytes: 60_000);

        var index = JsonNode.Parse(File.ReadAllText(sharded.File("model.safetensors.index.json")))!;
        Assert.InRange(Directory.GetFiles(sharded.Path, "model-*-of-*.safetensors").Length, 3, 100);
        using var one = Checkpoint.Open(whole.Path);
        using var several = Checkpoint.Open(sharded.Path);
        Assert.Equal(one.Tensors.Values.Sum(entry => entry.ByteCount), (long)index["metadata"]!["total_size"]!);
        Assert.Equal(one.Tensors.Keys.Order(StringComparer.Ordinal), ((JsonObject)index["weight_map"]!).Select(pair => pair.Key).Order(StringComparer.Ordinal));
        Assert.All(one.Tensors.Values, entry => Assert.Equal(one.ReadBytes(entry), several.ReadBytes(several.Tensors[entry.Name])));
    }

    [Fact]
    public void Side_files_are_copied_weights_of_other_forms_are_not_and_read_only_files_become_writable()
    {
        using var source = new TemporaryFolder();
        using var folder = new TemporaryFolder();
        ModelFolders.Copy(ModelFolders.Architecture("qwen2"), source);
        File.WriteAllText(source.File("tokenizer_config.json"), "{ \"a\" : \"\\u00e9\" }");
        File.WriteAllText(source.File("LICENSE"), "text");
        File.WriteAllText(source.File("pytorch_model.bin"), "weights");
        File.WriteAllText(source.File("pytorch_model.bin.index.json"), "{}");
        foreach (var file in Directory.GetFiles(source.Path))
        {
            File.SetAttributes(file, FileAttributes.ReadOnly);
        }

        using (var model = CausalModel.Open(source.Path))
        {
            using var scope = NewDisposeScope();
            Save(model, folder.Path);
        }

        Assert.Equal(
            ["LICENSE", "config.json", "config.v4.json", "model.safetensors", "tokenizer_config.json"],
            Directory.GetFiles(folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.Equal(File.ReadAllBytes(source.File("tokenizer_config.json")), File.ReadAllBytes(folder.File("tokenizer_config.json")));
        Assert.All(Directory.GetFiles(folder.Path), file => Assert.False(File.GetAttributes(file).HasFlag(FileAttributes.ReadOnly), file));
        foreach (var file in Directory.GetFiles(source.Path))
        {
            File.SetAttributes(file, FileAttributes.Normal);
        }
    }

    [Fact]
    public void Config_json_keeps_its_fields_and_gains_quantization_config()
    {
        using var folder = new TemporaryFolder();
        using var source = CausalModel.Open(ModelFolders.Architecture("qwen2"));
        using var scope = NewDisposeScope();
        Save(source, folder.Path);

        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(folder.File("config.json")))!;
        Assert.Equal("gptq", (string?)config["quantization_config"]!["quant_method"]);
        config.Remove("quantization_config");
        Assert.True(JsonNode.DeepEquals(source.Config.Raw, config));
    }

    [Fact]
    public void A_quantized_model_is_no_source()
    {
        using var folder = new TemporaryFolder();
        using var source = CausalModel.Open(ModelFolders.Architecture("qwen2"));
        using var scope = NewDisposeScope();
        Save(source, folder.Path);
        Assert.Equal(QuantizedFormatError.AlreadyQuantized, Assert.Throws<QuantizedFormatException>(() => ModelFolder.OpenSource(folder.Path)).Error);
    }

    [Fact]
    public void A_method_that_is_not_known_is_an_error_that_names_it()
    {
        using var folder = new TemporaryFolder();
        ModelFolders.Copy(ModelFolders.Architecture("qwen2"), folder);
        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(folder.File("config.json")))!;
        config["quantization_config"] = new JsonObject { ["quant_method"] = "awq" };
        File.WriteAllText(folder.File("config.json"), config.ToJsonString());

        var error = Assert.Throws<QuantizedFormatException>(() => ModelFolder.Open(folder.Path));

        Assert.Equal(QuantizedFormatError.UnknownMethod, error.Error);
        Assert.Contains("'awq'", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Quantizes every layer, saves, and gives the dequantized weights by layer name, in the open dispose scope.</summary>
    private static Dictionary<string, Tensor> Save(CausalModel source, string folder, long maxShardBytes = ShardPlan.MaxShardBytes)
    {
        var plan = new QuantizationPlan(
            [.. Quantizer.Selection.Select(source.Topology.Layers).Select(layer => new PlannedLayer(layer, Quantizer))],
            new AssignmentSummary { Model = source.Config.Folder, Strategy = Quantizer.Name, EffectiveBits = 4 });
        var weights = new Dictionary<string, Tensor>();
        using var writer = new QuantizedCheckpointWriter(folder, source, plan, maxShardBytes);
        using var team = new DeviceTeam([CPU]);
        new BlockQuantizer(source, plan, team, new BlockSettings(null, CalcErrors: false), weight =>
        {
            writer.Write(weight);
            weights.Add(weight.Layer.Name, weight.Dequantize().DetachFromDisposeScope());
        }).Run(() => Windows(source.Config.VocabularySize), new RunProgress("m", 2, null), default);
        writer.Complete(default);
        return weights;
    }

    private static TokenWindows Windows(int vocabulary)
    {
        var random = new Random(0);
        return new TokenWindows([.. Enumerable.Range(0, 16 * 64).Select(_ => random.Next(vocabulary))], 64);
    }

    private static string ExpectedFile(string name) => Path.Combine(ModelFolders.Architecture(name), "expected.safetensors");

    private static Tensor Ids(string name)
    {
        using var file = SafetensorsFile.Open(ExpectedFile(name));
        return ForwardPass.Ids(file, "input_ids");
    }

    private static double Perplexity(Tensor logits, Tensor ids)
    {
        using var scope = NewDisposeScope();
        var last = ids.shape[1] - 1;
        var logProbabilities = logits.to(ScalarType.Float64).log_softmax(-1).narrow(1, 0, last);
        return Math.Exp(-logProbabilities.gather(2, ids.narrow(1, 1, last).unsqueeze(2)).mean().item<double>());
    }
}
