using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using OneComp.Models;
using OneComp.Safetensors;

namespace OneComp.Tests.Pipeline;

/// <summary>A Llama of random weights whose sides are no multiples of 32: packed words and groups are filled up everywhere.</summary>
internal static class RaggedModel
{
    public static string Write(string folder, int vocabulary = 100)
    {
        Directory.CreateDirectory(folder);
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray("LlamaForCausalLM"),
            ["hidden_size"] = 40,
            ["intermediate_size"] = 104,
            ["num_hidden_layers"] = 2,
            ["num_attention_heads"] = 4,
            ["num_key_value_heads"] = 2,
            ["vocab_size"] = vocabulary,
            ["max_position_embeddings"] = 64,
            ["tie_word_embeddings"] = true,
        };
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        var tensors = ModelTopology.Of(ModelConfig.Load(folder)).Tensors;
        var random = new Random(5);
        using var writer = SafetensorsWriter.Create(
            Path.Combine(folder, "model.safetensors"),
            [.. tensors.Select(tensor => new TensorSpec(tensor.Name, DType.F32, tensor.Shape))],
            new Dictionary<string, string> { ["format"] = "pt" });
        foreach (var tensor in tensors)
        {
            var values = Enumerable.Range(0, (int)tensor.ElementCount).Select(_ => (float)((random.NextDouble() - 0.5) / 4)).ToArray();
            writer.Write(tensor.Name, MemoryMarshal.AsBytes<float>(values));
        }

        writer.Commit();
        return folder;
    }
}
