using System.Text.Json.Nodes;
using OneComp.Models;
using OneComp.Safetensors;

namespace OneComp.Benchmarks.Export;

/// <summary>A Llama of random weights in bfloat16 with tiny-llama's tokenizer, as large as asked for.</summary>
internal static class GeneratedModel
{
    private const int PieceBytes = 8 << 20;

    public static void Write(string folder, string tokenizerFolder, int hidden, int intermediate, int layers)
    {
        Directory.CreateDirectory(folder);
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray("LlamaForCausalLM"),
            ["hidden_size"] = hidden,
            ["intermediate_size"] = intermediate,
            ["num_hidden_layers"] = layers,
            ["num_attention_heads"] = hidden / 64,
            ["num_key_value_heads"] = hidden / 256,
            ["vocab_size"] = 4096,
            ["max_position_embeddings"] = 2048,
            ["torch_dtype"] = "bfloat16",
            ["tie_word_embeddings"] = false,
        };
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        foreach (var file in (string[])["tokenizer.json", "tokenizer_config.json"])
        {
            File.Copy(Path.Combine(tokenizerFolder, file), Path.Combine(folder, file), overwrite: true);
        }

        var tensors = ModelTopology.Of(ModelConfig.Load(folder)).Tensors;
        using var writer = SafetensorsWriter.Create(
            Path.Combine(folder, "model.safetensors"),
            [.. tensors.Select(tensor => new TensorSpec(tensor.Name, DType.BF16, tensor.Shape))],
            new Dictionary<string, string> { ["format"] = "pt" });
        var random = new Random(1);
        foreach (var tensor in tensors)
        {
            for (long offset = 0; offset < 2 * tensor.ElementCount; offset += PieceBytes)
            {
                writer.Write(tensor.Name, offset, Values(random, (int)Math.Min(PieceBytes, (2 * tensor.ElementCount) - offset)));
            }
        }

        writer.Commit();
    }

    // Random signs and mantissas; exponents of numbers between 2^-8 and 2^-4.
    private static byte[] Values(Random random, int bytes)
    {
        var values = new byte[bytes];
        random.NextBytes(values);
        for (var i = 1; i < bytes; i += 2)
        {
            values[i] = (byte)((values[i] & 0x81) | 0x3c);
        }

        return values;
    }
}
