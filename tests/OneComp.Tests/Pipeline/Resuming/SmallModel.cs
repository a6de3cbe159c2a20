using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using OneComp.Models;
using OneComp.Safetensors;

namespace OneComp.Tests.Pipeline.Resuming;

/// <summary>A Llama of random weights with several blocks that is quantized in a second, and token ids to calibrate it on.</summary>
internal static class SmallModel
{
    public const int Blocks = 5;
    private const int Vocabulary = 96;

    public static string Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray("LlamaForCausalLM"),
            ["hidden_size"] = 64,
            ["intermediate_size"] = 96,
            ["num_hidden_layers"] = Blocks,
            ["num_attention_heads"] = 4,
            ["num_key_value_heads"] = 2,
            ["vocab_size"] = Vocabulary,
            ["max_position_embeddings"] = 64,
            ["tie_word_embeddings"] = false,
        };
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        var random = new Random(7);
        var tensors = ModelTopology.Of(ModelConfig.Load(folder)).Tensors;
        using var writer = SafetensorsWriter.Create(
            Path.Combine(folder, "model.safetensors"),
            [.. tensors.Select(tensor => new TensorSpec(tensor.Name, DType.F32, tensor.Shape))],
            new Dictionary<string, string> { ["format"] = "pt" });
        foreach (var tensor in tensors)
        {
            var values = Enumerable.Range(0, (int)tensor.ElementCount).Select(_ => (float)((random.NextDouble() - 0.5) / 2)).ToArray();
            writer.Write(tensor.Name, MemoryMarshal.AsBytes<float>(values));
        }

        writer.Commit();
        return folder;
    }

    /// <summary>Windows of 32 tokens, in the tensor <c>ids</c>.</summary>
    public static string WriteIds(string path, int windows = 40, int seed = 3)
    {
        var random = new Random(seed);
        var ids = Enumerable.Range(0, windows * 32).Select(_ => random.Next(Vocabulary)).ToArray();
        using var writer = SafetensorsWriter.Create(path, [new TensorSpec("ids", DType.I32, [windows, 32])]);
        writer.Write("ids", MemoryMarshal.AsBytes<int>(ids));
        writer.Commit();
        return path;
    }
}
