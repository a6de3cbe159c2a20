using System.Text.Json;
using OneComp.Models;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Training;

/// <summary>A Qwen3 of bytes: 256 tokens, one for each byte, tied embedding. Small enough to train in minutes.</summary>
internal static class ByteModel
{
    public const int Vocabulary = 256;
    public const int HeadSize = 32;
    private const double Deviation = 0.02;

    /// <summary>Writes config.json, tokenizer.json and random weights.</summary>
    public static void Write(string folder, int hidden, int blocks)
    {
        Directory.CreateDirectory(folder);
        var heads = hidden / HeadSize;
        WriteJson(folder, "config.json", new Dictionary<string, object>
        {
            ["architectures"] = (string[])["Qwen3ForCausalLM"],
            ["model_type"] = "qwen3",
            ["dtype"] = "bfloat16",
            ["hidden_act"] = "silu",
            ["hidden_size"] = hidden,
            ["intermediate_size"] = 3 * hidden,
            ["num_attention_heads"] = heads,
            ["num_key_value_heads"] = Math.Max(1, heads / 2),
            ["head_dim"] = HeadSize,
            ["num_hidden_layers"] = blocks,
            ["max_position_embeddings"] = 512,
            ["rms_norm_eps"] = 1e-6,
            ["rope_theta"] = 10000.0,
            ["tie_word_embeddings"] = true,
            ["vocab_size"] = Vocabulary,
        });
        WriteTokenizer(folder);
        var outward = Deviation / Math.Sqrt(2 * blocks); // what is added to the residual stream, 2·blocks times
        Save(folder, ScalarType.Float32, tensor =>
        {
            long[] shape = [.. tensor.Shape];
            var isOutward = tensor.Name.Contains("o_proj", StringComparison.Ordinal) || tensor.Name.Contains("down_proj", StringComparison.Ordinal);
            return shape.Length == 1 ? ones(shape) : randn(shape).mul_(isOutward ? outward : Deviation);
        });
    }

    /// <summary>Writes every tensor anew.</summary>
    /// <param name="folder">A folder with the config.json.</param>
    /// <param name="type">Float32 or BFloat16.</param>
    /// <param name="valuesOf">Gives a tensor's values; disposed with the call's scope.</param>
    public static void Save(string folder, ScalarType type, Func<ModelTensor, Tensor> valuesOf)
    {
        var tensors = ModelTopology.Of(ModelConfig.Load(folder)).Tensors;
        var stored = type == ScalarType.BFloat16 ? DType.BF16 : DType.F32;
        using var writer = SafetensorsWriter.Create(Path.Combine(folder, "model.safetensors"), [.. tensors.Select(tensor => new TensorSpec(tensor.Name, stored, tensor.Shape))]);
        foreach (var tensor in tensors)
        {
            using var scope = NewDisposeScope();
            writer.Write(tensor.Name, valuesOf(tensor).detach().to(type).cpu().contiguous().bytes);
        }

        writer.Commit();
    }

    private static void WriteTokenizer(string folder) => WriteJson(folder, "tokenizer.json", new Dictionary<string, object?>
    {
        ["version"] = "1.0",
        ["added_tokens"] = Array.Empty<object>(),
        ["pre_tokenizer"] = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = false },
        ["decoder"] = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = false },
        ["model"] = new
        {
            type = "BPE",
            vocab = Enumerable.Range(0, Vocabulary).ToDictionary(Name, value => value),
            merges = Array.Empty<string>(),
        },
    });

    /// <summary>The character that stands for a byte in byte-level vocabularies: itself where it prints, else one after U+0100.</summary>
    private static string Name(int value) => ((char)(IsPrinted(value) ? value : 256 + Enumerable.Range(0, value).Count(before => !IsPrinted(before)))).ToString();

    private static bool IsPrinted(int value) => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);

    private static void WriteJson<T>(string folder, string name, T content) => File.WriteAllText(Path.Combine(folder, name), JsonSerializer.Serialize(content));
}
