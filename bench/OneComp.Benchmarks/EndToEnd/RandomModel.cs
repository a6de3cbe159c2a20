using System.Runtime.InteropServices;
using System.Text.Json;
using OneComp.Benchmarks.Measuring;
using OneComp.Models;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.EndToEnd;

/// <summary>A checkpoint of Llama-3-8B's shape, with fewer blocks, random bfloat16 weights and random token ids to calibrate on.</summary>
internal static class RandomModel
{
    public const string IdsName = "input_ids";

    /// <summary>Writes config.json, model.safetensors and ids.safetensors into <paramref name="folder"/>.</summary>
    public static void Write(string folder, Arguments arguments, Device device)
    {
        Directory.CreateDirectory(folder);
        var vocabulary = arguments.Whole("--vocabulary", 128256);
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["architectures"] = (string[])["LlamaForCausalLM"],
            ["model_type"] = "llama",
            ["dtype"] = "bfloat16",
            ["hidden_act"] = "silu",
            ["hidden_size"] = arguments.Whole("--hidden", 4096),
            ["intermediate_size"] = arguments.Whole("--intermediate", 14336),
            ["num_attention_heads"] = arguments.Whole("--heads", 32),
            ["num_key_value_heads"] = arguments.Whole("--kv-heads", 8),
            ["num_hidden_layers"] = arguments.Whole("--blocks", 4),
            ["max_position_embeddings"] = 8192,
            ["rms_norm_eps"] = 1e-5,
            ["rope_theta"] = 500000.0,
            ["tie_word_embeddings"] = false,
            ["vocab_size"] = vocabulary,
        }));
        WriteWeights(folder, device);
        WriteIds(folder, vocabulary, arguments.Whole("--samples", 128), arguments.Whole("--length", 2048));
    }

    private static void WriteWeights(string folder, Device device)
    {
        var tensors = ModelTopology.Of(ModelConfig.Load(folder)).Tensors;
        using var writer = SafetensorsWriter.Create(Path.Combine(folder, "model.safetensors"), [.. tensors.Select(tensor => new TensorSpec(tensor.Name, DType.BF16, tensor.Shape))]);
        manual_seed(1);
        foreach (var tensor in tensors)
        {
            using var scope = NewDisposeScope();
            long[] shape = [.. tensor.Shape];
            var values = shape.Length == 1
                ? ones(shape, dtype: ScalarType.BFloat16)
                : randn(shape, dtype: ScalarType.Float32, device: device).mul_(0.02).to(ScalarType.BFloat16).cpu();
            writer.Write(tensor.Name, values.bytes);
        }

        writer.Commit();
    }

    private static void WriteIds(string folder, int vocabulary, int samples, int length)
    {
        var random = new Random(1);
        int[] ids = [.. Enumerable.Range(0, samples * length).Select(_ => random.Next(vocabulary))];
        using var writer = SafetensorsWriter.Create(IdsPath(folder), [new TensorSpec(IdsName, DType.I32, [samples, length])]);
        writer.Write(IdsName, MemoryMarshal.AsBytes<int>(ids));
        writer.Commit();
    }

    public static string IdsPath(string folder) => Path.Combine(folder, "ids.safetensors");
}
