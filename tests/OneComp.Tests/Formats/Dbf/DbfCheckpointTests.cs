using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using OneComp.Evaluation;
using OneComp.Formats;
using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Gptq;
using OneComp.Runtime.Teams;
using OneComp.Safetensors;
using OneComp.Tests.Models;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Formats.Dbf;

/// <summary>Whole models with DBF layers: alone, at several bits, and beside GPTQ layers.</summary>
public class DbfCheckpointTests
{
    private static readonly DbfQuantizer Quick = new() { Iters = 4 };

    [Fact]
    public void DBF_and_GPTQ_layers_in_one_checkpoint_read_back_as_the_model_in_memory()
    {
        using var folder = new TemporaryFolder();
        var attention = new LayerSelection { IncludeLayerKeywords = ["self_attn"] };
        var options = Options(folder, new AutoBitQuantizer
        {
            AssignmentStrategy = AssignmentStrategy.Manual,
            Quantizers = [Quick with { Selection = attention }, new GptqQuantizer { WBits = 4 }],
        });
        Dictionary<string, float[]> inMemory = [];
        using (var model = ModelFolder.OpenSource(options.Model))
        {
            var plan = new Planner(model, options, CPU, new CalibrationWindows(options, model.Config)).Make(null, CancellationToken.None);
            Directory.CreateDirectory(options.Destination);
            using var writer = new QuantizedCheckpointWriter(options.Destination, model, plan);
            using var team = new DeviceTeam([CPU]);
            new BlockQuantizer(model, plan, team, new BlockSettings(null, CalcErrors: false), Keep)
                .Run(() => new CalibrationWindows(options, model.Config).Load(2, 32, CancellationToken.None), new RunProgress("", 1, null), CancellationToken.None);
            writer.Complete(CancellationToken.None);

            void Keep(QuantizedWeight weight)
            {
                writer.Write(weight);
                using var dense = weight.Dequantize();
                inMemory.Add(weight.Layer.Name + ".weight", dense.data<float>().ToArray());
            }
        }

        var config = Config(options.Destination);
        Assert.Equal("mixed_gptq", (string?)config["quant_method"]);
        Assert.Equal("gptq", (string?)config["checkpoint_format"]);
        Assert.Equal(4, (int)config["bits"]!);
        Assert.Equal("dbf", (string?)config["quantization_bits"]![1]!["self_attn.q_proj"]!["method"]);
        Assert.Equal(1.5, (double)config["quantization_bits"]![1]!["self_attn.q_proj"]!["bits"]!);
        Assert.Equal("gptq", (string?)config["quantization_bits"]![1]!["mlp.up_proj"]!["method"]);
        using (var saved = ModelFolder.Open(options.Destination))
        {
            Assert.Equal(saved.Topology.Layers.Count - 1, inMemory.Count);
            Assert.All(saved.Topology.Layers.Where(layer => layer.Block >= 0), layer =>
            {
                using var weight = saved.ReadWeight(layer);
                Assert.Equal(inMemory[layer.Name + ".weight"], weight.data<float>().ToArray());
            });
        }

        Directory.CreateDirectory(folder.File("dense"));
        CheckpointEditor.Rewrite(options.Model, folder.File("dense"), (spec, data) => inMemory.TryGetValue(spec.Name, out var values)
            ? (spec with { DType = DType.F32 }, MemoryMarshal.AsBytes<float>(values).ToArray())
            : (spec, data));
        Assert.Equal(Perplexity(folder.File("dense")), Perplexity(options.Destination), 1e-6);
    }

    [Fact]
    public void DBF_alone_is_saved_as_dbf_with_its_settings()
    {
        using var folder = new TemporaryFolder();
        var result = QuantizationRun.Run(Options(folder, Quick));
        var config = Config(folder.File("q"));
        Assert.Equal(("dbf", "dbf"), ((string?)config["quant_method"], (string?)config["checkpoint_format"]));
        Assert.Equal((1.5, 4, "l1"), ((double)config["bits"]!, (int)config["iters"]!, (string?)config["balance_mode"]));
        Assert.Equal((false, true, 20, 3), ((bool)config["use_balancing"]!, (bool)config["use_curvature"]!, (int)config["hessian_iters"]!, (int)config["refine_iters"]!));
        Assert.InRange(Perplexity(folder.File("q")), 1, 1e5);
        using var saved = Checkpoint.Open(folder.File("q"));
        var bytes = saved.Tensors.Values.Where(tensor => tensor.Name.Contains(".bp", StringComparison.Ordinal) || tensor.Name.Contains(".scaling", StringComparison.Ordinal)).Sum(tensor => tensor.ByteCount);
        Assert.Equal(8.0 * bytes / result.Assignment.Sum(row => row.Parameters), result.EffectiveBits, 1e-9);
    }

    [Fact]
    public void DBF_layers_of_different_bits_are_saved_as_mixed_dbf_and_read_back()
    {
        using var folder = new TemporaryFolder();
        QuantizationRun.Run(Options(folder, Quick with { MlpTargetBits = 1.2 }));
        Assert.Equal("mixed_dbf", (string?)Config(folder.File("q"))["quant_method"]);
        Assert.InRange(Perplexity(folder.File("q")), 1, 1e5);
    }

    private static QuantizationOptions Options(TemporaryFolder folder, Quantizer quantizer) => new()
    {
        Model = ModelFolders.Architecture("llama-bias"),
        Quantizer = quantizer,
        Destination = folder.File("q"),
        CalibrationPath = Path.Combine(ModelFolders.Architecture("llama-bias"), "expected.safetensors"),
        TensorName = "input_ids",
        NumCalibrationSamples = 2,
        MaxLength = 32,
        Device = "cpu",
    };

    private static JsonObject Config(string folder) =>
        (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!["quantization_config"]!;

    private static double Perplexity(string model) => PerplexityRun.Run(new PerplexityOptions
    {
        Model = model,
        Path = Path.Combine(ModelFolders.Architecture("llama-bias"), "expected.safetensors"),
        TensorName = "input_ids",
        Device = "cpu",
    }).Perplexity;
}
