using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OneComp.Models;
using OneComp.Safetensors;

namespace OneComp.Benchmarks.Load;

/// <summary>A Llama of random bfloat16 weights in shards, with tiny-llama's tokenizer, as large as the disk allows.</summary>
/// <param name="Hidden">Width.</param>
/// <param name="Intermediate">Width of the MLP.</param>
/// <param name="Blocks">Blocks.</param>
internal sealed record ShardedModel(int Hidden, int Intermediate, int Blocks)
{
    private const long ShardBytes = 4L << 30;
    private const int PieceBytes = 8 << 20;
    private const string Tokenizer = "examples/models/tiny-llama";

    /// <summary>Writes it.</summary>
    /// <returns>Bytes of its weights.</returns>
    public long Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), Config().ToJsonString());
        foreach (var file in (string[])["tokenizer.json", "tokenizer_config.json"])
        {
            File.Copy(Path.Combine(Tokenizer, file), Path.Combine(folder, file), overwrite: true);
        }

        var random = new Random(1);
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var shards = Shards(ModelTopology.Of(ModelConfig.Load(folder)).Tensors);
        for (var i = 0; i < shards.Count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"model-{i + 1:00000}-of-{shards.Count:00000}.safetensors");
            WriteShard(Path.Combine(folder, name), shards[i], random);
            foreach (var tensor in shards[i])
            {
                map.Add(tensor.Name, name);
            }
        }

        var bytes = shards.SelectMany(shard => shard).Sum(tensor => 2 * tensor.ElementCount);
        File.WriteAllText(
            Path.Combine(folder, "model.safetensors.index.json"),
            JsonSerializer.Serialize(new Dictionary<string, object> { ["metadata"] = new { total_size = bytes }, ["weight_map"] = map }));
        return bytes;
    }

    private JsonObject Config() => new()
    {
        ["architectures"] = new JsonArray("LlamaForCausalLM"),
        ["hidden_size"] = Hidden,
        ["intermediate_size"] = Intermediate,
        ["num_hidden_layers"] = Blocks,
        ["num_attention_heads"] = Math.Max(1, Hidden / 128),
        ["num_key_value_heads"] = Math.Max(1, Hidden / 512),
        ["vocab_size"] = 4096,
        ["max_position_embeddings"] = 2048,
        ["torch_dtype"] = "bfloat16",
        ["tie_word_embeddings"] = false,
    };

    private static List<List<ModelTensor>> Shards(IEnumerable<ModelTensor> tensors)
    {
        List<List<ModelTensor>> shards = [[]];
        long bytes = 0;
        foreach (var tensor in tensors)
        {
            if (bytes + (2 * tensor.ElementCount) > ShardBytes && bytes > 0)
            {
                shards.Add([]);
                bytes = 0;
            }

            shards[^1].Add(tensor);
            bytes += 2 * tensor.ElementCount;
        }

        return shards;
    }

    private static void WriteShard(string path, List<ModelTensor> tensors, Random random)
    {
        using var writer = SafetensorsWriter.Create(
            path,
            [.. tensors.Select(tensor => new TensorSpec(tensor.Name, DType.BF16, tensor.Shape))],
            new Dictionary<string, string> { ["format"] = "pt" });
        var piece = new byte[PieceBytes];
        foreach (var tensor in tensors)
        {
            for (long offset = 0; offset < 2 * tensor.ElementCount; offset += PieceBytes)
            {
                var part = piece.AsSpan(0, (int)Math.Min(PieceBytes, (2 * tensor.ElementCount) - offset));
                Fill(random, part);
                writer.Write(tensor.Name, offset, part);
            }
        }

        writer.Commit();
    }

    // Random signs and mantissas; exponents of numbers between 2^-8 and 2^-4.
    private static void Fill(Random random, Span<byte> values)
    {
        random.NextBytes(values);
        for (var i = 1; i < values.Length; i += 2)
        {
            values[i] = (byte)((values[i] & 0x81) | 0x3c);
        }
    }
}
