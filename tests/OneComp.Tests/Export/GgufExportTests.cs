using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using OneComp.Evaluation;
using OneComp.Export;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Gptq;
using OneComp.Safetensors;
using OneComp.Tests.Models;

namespace OneComp.Tests.Export;

/// <summary>GGUF files, parsed back completely by a reader that knows the published description alone.</summary>
public class GgufExportTests
{
    private const uint F32 = 0, F16 = 1, Q4_0 = 2, Q4_1 = 3, Q8_0 = 8;

    [Theory]
    [InlineData("qwen3-tied-bf16-sharded", 4, 32, true, Q4_0)]
    [InlineData("qwen2", 3, 64, false, Q4_0)]
    [InlineData("llama-bias", 4, -1, true, Q4_0)]
    [InlineData("llama3-rope", 4, 32, false, Q8_0)]
    [InlineData("mistral-window", 8, 32, true, Q8_0)]
    [InlineData("llama-bias", 6, 32, false, Q8_0)]
    public void A_layer_that_fits_comes_back_exactly_and_the_model_predicts_the_same(string model, int bits, int groupSize, bool sym, uint type)
    {
        using var folder = new QuantizedFolder(model, QuantizedFolder.Rtn(bits, groupSize, sym));
        var result = folder.Export(ExportFormat.Gguf);
        var gguf = Open(result);
        var config = ModelConfig.Load(folder.Path);
        var expected = QuantizedFolder.Weights(folder.Path);
        Assert.Equal((expected.Count, expected.Count), (result.Layers, result.ExactLayers));
        Assert.All(expected, layer =>
        {
            var name = LlamaCppTensors.Name(layer.Key + ".weight");
            Assert.Equal(type, gguf.Tensors[name].Type);
            Assert.Equal(layer.Value, LlamaCppTensors.Unpermuted(gguf, name, config));
        });

        using var source = Checkpoint.Open(folder.Source);
        using var quantized = QuantizedModel.Open(folder.Path);
        var plain = source.Tensors.Values.Where(entry => !expected.ContainsKey(entry.Name[..entry.Name.LastIndexOf('.')]) || entry.Name.EndsWith(".bias", StringComparison.Ordinal)).ToList();
        Assert.All(plain, entry =>
        {
            var stored = entry.Shape.Count == 1 ? F32 : F16;
            Assert.Equal(stored, gguf.Tensors[LlamaCppTensors.Name(entry.Name)].Type);
            var values = source.ReadSingle(entry);
            Assert.Equal(stored == F32 ? values : [.. values.Select(value => (float)(Half)value)], LlamaCppTensors.Unpermuted(gguf, LlamaCppTensors.Name(entry.Name), config));
            Assert.Equal(entry.Shape.Reverse(), gguf.Tensors[LlamaCppTensors.Name(entry.Name)].Dimensions);
        });
        Assert.Equal(expected.Count + plain.Count + (model == "llama3-rope" ? 1 : 0), gguf.Tensors.Count);
        Assert.Equal(Perplexity(Rebuild(folder, gguf, config, "rebuilt"), model), Perplexity(InMemory(folder, expected), model));
    }

    [Fact]
    public void Tiny_llama_goes_to_q4_0_with_its_vocabulary_and_everything_that_llama_cpp_asks_for()
    {
        using var folder = new QuantizedFolder("tiny-llama", QuantizedFolder.Rtn(4, 128));
        var gguf = Open(folder.Export(ExportFormat.Gguf));
        Assert.Equal("llama", gguf.Get<string>("general.architecture"));
        Assert.Equal(6u, gguf.Get<uint>("llama.block_count"));
        Assert.Equal(256u, gguf.Get<uint>("llama.embedding_length"));
        Assert.Equal(8u, gguf.Get<uint>("llama.attention.head_count"));
        Assert.Equal(4u, gguf.Get<uint>("llama.attention.head_count_kv"));
        Assert.Equal(32u, gguf.Get<uint>("llama.rope.dimension_count"));
        var config = ModelConfig.Load(folder.Source);
        Assert.Equal((float)config.RmsNormEps, gguf.Get<float>("llama.attention.layer_norm_rms_epsilon"));
        Assert.Equal((float)config.RopeTheta, gguf.Get<float>("llama.rope.freq_base"));
        Assert.Equal((uint)config.IntermediateSize, gguf.Get<uint>("llama.feed_forward_length"));
        Assert.Equal((uint)config.MaxPositionEmbeddings, gguf.Get<uint>("llama.context_length"));
        Assert.Equal(2u, gguf.Get<uint>("general.file_type"));

        var tokenizer = JsonNode.Parse(File.ReadAllText(Path.Combine(folder.Source, "tokenizer.json")))!;
        var tokens = gguf.Texts("tokenizer.ggml.tokens");
        Assert.Equal(4096, tokens.Length);
        Assert.All(tokenizer["model"]!["vocab"]!.AsObject(), token => Assert.Equal(token.Key, tokens[(int)token.Value!]));
        Assert.Equal(tokenizer["model"]!["merges"]!.AsArray().Count, gguf.Texts("tokenizer.ggml.merges").Length);
        var kinds = gguf.Get<object[]>("tokenizer.ggml.token_type").Cast<int>().ToList();
        Assert.Equal([3, 3, 1], kinds.Take(3));
        Assert.Equal("gpt2", gguf.Get<string>("tokenizer.ggml.model"));
        Assert.Equal("smaug-bpe", gguf.Get<string>("tokenizer.ggml.pre"));
        Assert.Equal((0u, 1u), (gguf.Get<uint>("tokenizer.ggml.bos_token_id"), gguf.Get<uint>("tokenizer.ggml.eos_token_id")));
        Assert.True(gguf.Get<bool>("tokenizer.ggml.add_bos_token"));
        Assert.False(gguf.Get<bool>("tokenizer.ggml.add_eos_token"));
        Assert.All(QuantizedFolder.Weights(folder.Path), layer => Assert.Equal(layer.Value, LlamaCppTensors.Unpermuted(gguf, LlamaCppTensors.Name(layer.Key + ".weight"), config)));
    }

    [Fact]
    public void Q4_1_takes_an_asymmetric_layer_where_each_least_value_is_a_half()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32, sym: false));
        RoundScales(folder.Path);
        var result = folder.Export(ExportFormat.Gguf);
        var gguf = Open(result);
        Assert.Equal(result.Layers, result.ExactLayers);
        var config = ModelConfig.Load(folder.Path);
        Assert.All(QuantizedFolder.Weights(folder.Path), layer =>
        {
            Assert.Equal(Q4_1, gguf.Tensors[LlamaCppTensors.Name(layer.Key + ".weight")].Type);
            Assert.Equal(layer.Value, LlamaCppTensors.Unpermuted(gguf, LlamaCppTensors.Name(layer.Key + ".weight"), config));
        });
    }

    [Theory]
    [InlineData(GgufFallback.F16, F16)]
    [InlineData(GgufFallback.Q8_0, Q8_0)]
    public void A_layer_that_does_not_fit_falls_back_as_asked_within_the_rounding_of_the_type(GgufFallback fallback, uint type)
    {
        using var folder = new QuantizedFolder("qwen2", new GptqQuantizer { WBits = 4, GroupSize = 16, ActOrder = true });
        var warnings = new List<string>();
        var result = folder.Export(ExportFormat.Gguf, options => options with { Fallback = fallback }, new Collector(warnings));
        Assert.Equal(0, result.ExactLayers);
        Assert.Contains($"become {fallback}", warnings[0], StringComparison.Ordinal);
        var gguf = Open(result);
        Assert.Equal(type, gguf.Tensors["token_embd.weight"].Type);
        var config = ModelConfig.Load(folder.Path);
        Assert.All(QuantizedFolder.Weights(folder.Path), layer =>
        {
            Assert.Equal(type, gguf.Tensors[LlamaCppTensors.Name(layer.Key + ".weight")].Type);
            var stored = LlamaCppTensors.Unpermuted(gguf, LlamaCppTensors.Name(layer.Key + ".weight"), config);
            var most = layer.Value.Max(Math.Abs);
            Assert.All(stored.Zip(layer.Value), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, type == F16 ? Math.Abs(pair.Second) / 2048 : most / 250));
        });
    }

    [Fact]
    public void Factorized_layers_become_halves_and_a_tokenizer_of_another_model_is_refused()
    {
        using var ragged = new QuantizedFolder("ragged", QuantizedFolder.Rtn(4, 32));
        SmallTokenizer.Write(ragged.Path, byteLevel: true);
        Assert.Equal(ExportError.TokenizerMismatch, Assert.Throws<ExportException>(() => ragged.Export(ExportFormat.Gguf)).Error); // 260 tokens, a vocabulary of 100

        using var dbf = new QuantizedFolder("qwen2", new DbfQuantizer { TargetBits = 1.5, Iters = 5 });
        var result = dbf.Export(ExportFormat.Gguf);
        var gguf = Open(result);
        Assert.Equal(0, result.ExactLayers);
        Assert.All(QuantizedFolder.Weights(dbf.Path), layer => Assert.Equal([.. layer.Value.Select(value => (float)(Half)value)], gguf.Values(LlamaCppTensors.Name(layer.Key + ".weight"))));
    }

    [Fact]
    public void Llama_3_s_scaling_is_a_tensor_of_divisors_of_the_frequencies()
    {
        using var folder = new QuantizedFolder("llama3-rope", QuantizedFolder.Rtn(4, 32));
        var gguf = Open(folder.Export(ExportFormat.Gguf));
        var config = ModelConfig.Load(folder.Path);
        var divisors = gguf.Values("rope_freqs.weight");
        Assert.Equal(config.HeadDim / 2, divisors.Length);
        Assert.Equal(1, divisors[0], 1e-6);
        Assert.Equal(config.RopeScaling!.Factor, divisors[^1], 1e-4);
    }

    [Fact]
    public void A_tensor_that_llama_cpp_has_no_place_for_is_left_out_and_named()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32));
        CheckpointEditor.Add(folder.Path, "extra.head.weight");
        var warnings = new List<string>();
        var gguf = Open(folder.Export(ExportFormat.Gguf, progress: new Collector(warnings)));
        Assert.Contains("extra.head.weight", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.DoesNotContain(gguf.Tensors.Keys, name => name.Contains("extra", StringComparison.Ordinal));
        using var kept = Checkpoint.Open(folder.Export(ExportFormat.CompressedTensors).Model);
        Assert.Equal([1, 2, 3, 4], kept.ReadBytes(kept.Require("extra.head.weight")));
    }

    private static GgufDocument Open(ExportResult result) => new(Path.Combine(result.Model, Path.GetFileName(result.Model) + ".gguf"));

    /// <summary>A model folder from a GGUF file's tensors.</summary>
    private static string Rebuild(QuantizedFolder folder, GgufDocument gguf, ModelConfig config, string name) =>
        WriteModel(folder, name, tensor => LlamaCppTensors.Unpermuted(gguf, LlamaCppTensors.Name(tensor.Name), config));

    /// <summary>The same model from the quantized folder: dequantized layers, everything else as the file's types round it.</summary>
    private static string InMemory(QuantizedFolder folder, Dictionary<string, float[]> layers)
    {
        using var source = Checkpoint.Open(folder.Source);
        return WriteModel(folder, "in-memory", tensor =>
            layers.TryGetValue(tensor.Name[..tensor.Name.LastIndexOf('.')], out var weight) && tensor.Name.EndsWith(".weight", StringComparison.Ordinal) ? weight
            : source.ReadSingle(source.Require(tensor.Name)) is var values && tensor.Shape.Count > 1 ? [.. values.Select(value => (float)(Half)value)]
            : values);
    }

    private static string WriteModel(QuantizedFolder folder, string name, Func<ModelTensor, float[]> values)
    {
        var path = folder.Beside(name);
        Directory.CreateDirectory(path);
        File.Copy(Path.Combine(folder.Source, "config.json"), Path.Combine(path, "config.json"));
        var tensors = ModelTopology.Of(ModelConfig.Load(path)).Tensors;
        using var writer = SafetensorsWriter.Create(Path.Combine(path, "model.safetensors"), [.. tensors.Select(tensor => new TensorSpec(tensor.Name, DType.F32, tensor.Shape))]);
        foreach (var tensor in tensors)
        {
            writer.Write(tensor.Name, MemoryMarshal.AsBytes<float>(values(tensor)));
        }

        writer.Commit();
        return path;
    }

    private static double Perplexity(string path, string model) => PerplexityRun.Run(new PerplexityOptions
    {
        Model = path,
        Path = Path.Combine(ModelFolders.Architecture(model), "expected.safetensors"),
        TensorName = "input_ids",
        Device = "cpu",
    }).Perplexity;

    // Powers of two, so that -scale * zero is a half in every group.
    private static void RoundScales(string folder)
    {
        using var to = new Support.TemporaryFolder();
        CheckpointEditor.Rewrite(folder, to.Path, (spec, data) =>
        {
            if (spec.Name.EndsWith(".scales", StringComparison.Ordinal))
            {
                var scales = MemoryMarshal.Cast<byte, Half>(data.AsSpan());
                for (var i = 0; i < scales.Length; i++)
                {
                    scales[i] = (Half)Math.Pow(2, Math.Round(Math.Log2((double)scales[i])));
                }
            }

            return (spec, data);
        });
        File.Move(to.File("model.safetensors"), Path.Combine(folder, "model.safetensors"), overwrite: true);
    }
}
