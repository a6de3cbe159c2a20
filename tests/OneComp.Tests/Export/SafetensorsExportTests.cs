using System.Text.Json.Nodes;
using OneComp.Evaluation;
using OneComp.Export;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Gptq;
using OneComp.Safetensors;
using OneComp.Tests.Models;
using static TorchSharp.torch;

namespace OneComp.Tests.Export;

/// <summary>gptq, compressed-tensors and plain weights: what is written, read back and held against the layout's description.</summary>
public class SafetensorsExportTests
{
    public static TheoryData<string, int, int> Schemes() => new()
    {
        { "tiny-llama", 4, 128 },
        { "tiny-llama", 3, -1 },
        { "qwen3-tied-bf16-sharded", 4, 32 },
        { "qwen2", 8, 64 },
        { "qwen2", 5, 32 },
        { "llama-bias", 2, 16 },
        { "ragged", 4, 32 },
        { "ragged", 3, -1 },
        { "llama3-rope", 6, -1 },
        { "mistral-window", 7, 32 },
    };

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Gptq_and_compressed_tensors_read_back_to_the_very_same_weights_and_perplexity(string model, int bits, int groupSize)
    {
        using var folder = new QuantizedFolder(model, QuantizedFolder.Rtn(bits, groupSize));
        var expected = QuantizedFolder.Weights(folder.Path);
        foreach (var format in (ExportFormat[])[ExportFormat.Gptq, ExportFormat.CompressedTensors])
        {
            var result = folder.Export(format);
            Assert.Equal(expected, QuantizedFolder.Weights(result.Model));
            Assert.Equal((expected.Count, expected.Count), (result.Layers, result.ExactLayers));
            Assert.Equal(Perplexity(folder.Path, model), Perplexity(result.Model, model));
            Assert.All(Plain(folder.Source, expected.Keys), entry => Assert.Equal(entry.Value, Plain(result.Model, expected.Keys)[entry.Key]));
        }
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void The_layouts_decode_bit_by_bit_from_their_descriptions_to_the_same_weights(string model, int bits, int groupSize)
    {
        using var folder = new QuantizedFolder(model, QuantizedFolder.Rtn(bits, groupSize));
        using var gptq = QuantizedModel.Open(folder.Path);
        using var packed = Checkpoint.Open(folder.Export(ExportFormat.CompressedTensors).Model);
        foreach (var layer in gptq.Layers.Where(layer => layer.Block == 0))
        {
            var expected = QuantizedFolder.Weight(gptq.Model, layer);
            Assert.Equal(expected, StreamDecoder.Gptq(gptq.Model.Checkpoint, layer.Name, layer.OutFeatures, layer.InFeatures, bits));
            Assert.Equal(expected, StreamDecoder.Packed(packed, layer.Name, bits));
        }
    }

    [Theory]
    [InlineData("qwen3-tied-bf16-sharded", DenseType.Auto, DType.BF16)]
    [InlineData("qwen2", DenseType.Auto, DType.F16)]
    [InlineData("llama-bias", DenseType.BF16, DType.BF16)]
    public void Dequantized_weights_are_the_nearest_half_precision_values_in_a_model_that_is_not_quantized(string model, DenseType type, DType expected)
    {
        using var folder = new QuantizedFolder(model, QuantizedFolder.Rtn(4, 32, sym: false));
        var result = folder.Export(ExportFormat.Dequantized, options => options with { DenseType = type });
        using var scope = NewDisposeScope();
        using var plain = ModelFolder.OpenSource(result.Model);
        foreach (var (name, values) in QuantizedFolder.Weights(folder.Path))
        {
            var layer = plain.Topology.Layers.Single(layer => layer.Name == name);
            Assert.Equal(expected, plain.Checkpoint.Require(layer.WeightName).DType);
            var half = tensor(values).to(expected == DType.BF16 ? ScalarType.BFloat16 : ScalarType.Float16).to(ScalarType.Float32);
            Assert.Equal(half.data<float>().ToArray(), QuantizedFolder.Weight(plain, layer));
        }

        Assert.InRange(Perplexity(result.Model, model) / InMemoryPerplexity(folder, plain, model), 1 - 1e-6, 1 + 1e-6);
        Assert.Equal(
            ModelTopology.Of(plain.Config).Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal),
            plain.Checkpoint.Tensors.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Compressed_tensors_has_a_group_for_each_scheme_with_its_modules_and_ignores_the_rest()
    {
        using var folder = new QuantizedFolder("qwen2", Mixed());
        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(folder.Export(ExportFormat.CompressedTensors).Model, "config.json")))!["quantization_config"]!;
        Assert.Equal(("compressed-tensors", "pack-quantized", "compressed"), ((string?)config["quant_method"], (string?)config["format"], (string?)config["quantization_status"]));
        Assert.Equal(["model.layers.0.self_attn.o_proj", "model.layers.1.self_attn.o_proj", "lm_head"], config["ignore"]!.AsArray().Select(name => (string?)name));
        var groups = config["config_groups"]!.AsObject().Select(group => group.Value!).ToDictionary(group => (int)group["weights"]!["num_bits"]!);
        Assert.Equal([3, 8], groups.Keys.Order());
        Assert.Equal(
            ["q_proj", "k_proj", "v_proj"],
            groups[8]["targets"]!.AsArray().Select(name => (string?)name).Where(name => name!.Contains(".0.", StringComparison.Ordinal)).Select(name => name!.Split('.')[^1]));
        Assert.Equal("""{"num_bits":3,"type":"int","symmetric":true,"strategy":"channel","group_size":null,"block_structure":null,"dynamic":false,"actorder":null,"observer":"minmax","observer_kwargs":{}}""", groups[3]["weights"]!.ToJsonString());
        Assert.Equal(("group", 32), ((string?)groups[8]["weights"]!["strategy"], (int)groups[8]["weights"]!["group_size"]!));
    }

    [Fact]
    public void A_mixed_plan_with_dbf_goes_through_gptq_and_dequantized_and_is_refused_by_compressed_tensors()
    {
        using var folder = new QuantizedFolder("qwen2", new AutoBitQuantizer
        {
            AssignmentStrategy = AssignmentStrategy.Manual,
            Quantizers = [QuantizedFolder.Rtn(3, 32) with { Selection = new LayerSelection { IncludeLayerKeywords = ["self_attn"] } }, new DbfQuantizer { TargetBits = 1.5, Iters = 5 }],
        });
        var expected = QuantizedFolder.Weights(folder.Path);
        var gptq = folder.Export(ExportFormat.Gptq);
        Assert.Equal(expected, QuantizedFolder.Weights(gptq.Model));
        Assert.Equal(Config(folder.Path), Config(gptq.Model), ignoreAllWhiteSpace: true);
        folder.Export(ExportFormat.Dequantized);
        Assert.Equal(ExportError.LayerMethod, Assert.Throws<ExportException>(() => folder.Export(ExportFormat.CompressedTensors)).Error);

        // How a factorization was found is no part of what it is.
        static string Config(string path)
        {
            var config = JsonNode.Parse(File.ReadAllText(Path.Combine(path, "config.json")))!["quantization_config"]!.AsObject();
            return string.Join("\n", config.Where(field => !field.Key.StartsWith("balance", StringComparison.Ordinal) && field.Key is not ("iters" or "reg" or "use_balancing" or "use_adaptive_rho" or "use_curvature" or "hessian_iters" or "hessian_shrinkage" or "refine_iters")).Select(field => $"{field.Key}: {field.Value?.ToJsonString()}"));
        }
    }

    [Fact]
    public void Act_order_is_refused_by_compressed_tensors_and_static_groups_are_not()
    {
        using var moved = new QuantizedFolder("qwen2", new GptqQuantizer { WBits = 4, GroupSize = 16, ActOrder = true });
        var error = Assert.Throws<ExportException>(() => moved.Export(ExportFormat.CompressedTensors));
        Assert.Equal(ExportError.LayerActOrder, error.Error);
        Assert.Contains("-StaticGroup", error.Message, StringComparison.Ordinal);
        Assert.Equal(QuantizedFolder.Weights(moved.Path), QuantizedFolder.Weights(moved.Export(ExportFormat.Gptq, options => options with { TensorParallel = 2 }).Model));

        using var fixedGroups = new QuantizedFolder("qwen2", new GptqQuantizer { WBits = 4, GroupSize = 16, ActOrder = true, StaticGroups = true });
        Assert.Equal(QuantizedFolder.Weights(fixedGroups.Path), QuantizedFolder.Weights(fixedGroups.Export(ExportFormat.CompressedTensors).Model));
    }

    [Fact]
    public void An_asymmetric_layer_is_refused_by_compressed_tensors_with_the_setting_that_avoids_it()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32, sym: false));
        var error = Assert.Throws<ExportException>(() => folder.Export(ExportFormat.CompressedTensors));
        Assert.Equal((ExportError.LayerAsymmetric, "ExportLayerAsymmetric"), (error.Error, error.ErrorId));
        Assert.Contains("-Sym $true", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Beside("CompressedTensors")));
    }

    [Fact]
    public void Groups_that_do_not_divide_a_row_are_divided_into_some_that_do_with_the_same_scales()
    {
        using var folder = new QuantizedFolder("ragged", QuantizedFolder.Rtn(4, 32));
        var warnings = new List<string>();
        var result = folder.Export(ExportFormat.CompressedTensors, progress: new Collector(warnings));
        using var checkpoint = Checkpoint.Open(result.Model);
        Assert.Equal([40, 5], checkpoint.Require("model.layers.0.self_attn.q_proj.weight_scale").Shape);
        Assert.Contains("groups of 8", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_that_servers_run_as_one_under_different_schemes_are_warned_of()
    {
        using var folder = new QuantizedFolder("qwen2", new AutoBitQuantizer
        {
            AssignmentStrategy = AssignmentStrategy.Manual,
            EnableFusedGroups = false,
            Quantizers = [QuantizedFolder.Rtn(4, 32) with { Selection = new LayerSelection { IncludeLayerKeywords = ["q_proj"] } }, QuantizedFolder.Rtn(8, 32)],
        });
        var warnings = new List<string>();
        folder.Export(ExportFormat.CompressedTensors, progress: new Collector(warnings));
        Assert.Contains("self_attn.k_proj", Assert.Single(warnings), StringComparison.Ordinal);
    }

    private static AutoBitQuantizer Mixed() => new()
    {
        AssignmentStrategy = AssignmentStrategy.Manual,
        Quantizers =
        [
            QuantizedFolder.Rtn(3, -1) with { Selection = new LayerSelection { IncludeLayerKeywords = ["mlp"] } },
            QuantizedFolder.Rtn(8, 32) with { Selection = new LayerSelection { ExcludeLayerKeywords = ["o_proj"] } },
        ],
    };

    private static Dictionary<string, byte[]> Plain(string folder, IEnumerable<string> layers)
    {
        var quantized = layers.ToHashSet();
        using var checkpoint = Checkpoint.Open(folder);
        return checkpoint.Tensors.Values
            .Where(entry => !quantized.Contains(entry.Name[..entry.Name.LastIndexOf('.')]) || entry.Name.EndsWith(".bias", StringComparison.Ordinal))
            .ToDictionary(entry => entry.Name, checkpoint.ReadBytes);
    }

    private static double Perplexity(string folder, string model) => PerplexityRun.Run(Options(folder, model)).Perplexity;

    private static PerplexityOptions Options(string folder, string model) => new()
    {
        Model = folder,
        Path = model is "tiny-llama" or "ragged" ? TextFile(model) : Path.Combine(ModelFolders.Architecture(model), "expected.safetensors"),
        TensorName = "input_ids",
        Device = "cpu",
    };

    // The source in memory, with the weights that were exported.
    private static double InMemoryPerplexity(QuantizedFolder folder, CausalModel exported, string model)
    {
        using var scope = NewDisposeScope();
        using var source = CausalModel.Open(folder.Source);
        using var file = SafetensorsFile.Open(Options(folder.Path, model).Path);
        var ids = ForwardPass.Ids(file, "input_ids");
        var logits = ForwardPass.Logits(source, ids, prepare: block =>
        {
            foreach (var layer in block.Layers)
            {
                using var weight = exported.ReadWeight(layer);
                block.SetWeight(layer, weight);
            }
        });
        var last = ids.shape[1] - 1;
        return Math.Exp(-logits.to(ScalarType.Float64).log_softmax(-1).narrow(1, 0, last).gather(2, ids.narrow(1, 1, last).unsqueeze(2)).mean().item<double>());
    }

    private static string TextFile(string model)
    {
        var path = Path.Combine(Path.GetTempPath(), $"onecomp-ids-{model}-{Environment.ProcessId}.safetensors");
        lock (typeof(SafetensorsExportTests))
        {
            if (!File.Exists(path))
            {
                var random = new Random(1);
                var ids = Enumerable.Range(0, 2 * 24).Select(_ => random.Next(100)).ToArray();
                using var writer = SafetensorsWriter.Create(path, [new TensorSpec("input_ids", DType.I32, [2, 24])]);
                writer.Write("input_ids", System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>(ids));
                writer.Commit();
            }
        }

        return path;
    }
}
