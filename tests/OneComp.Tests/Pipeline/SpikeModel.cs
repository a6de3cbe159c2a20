using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using OneComp.Calibration;
using OneComp.Models;
using OneComp.Safetensors;

namespace OneComp.Tests.Pipeline;

/// <summary>
/// A Llama of random weights in which one token, <see cref="Token"/>, alone carries a value in channel 0, and block 0's first MLP feature
/// multiplies that channel with itself: how far that feature goes is up to the test, and no window without the token sees it.
/// </summary>
internal static class SpikeModel
{
    public const int Token = 7;
    public const int Length = 16;

    /// <summary>Gate, up and down weight of the feature that overflows float32 in the forward pass.</summary>
    public static readonly (float Gate, float Up, float Down) NotFinite = (1e25f, 1e25f, 1e-6f);

    /// <summary>The same for a feature of a few millions: beyond float16 and nothing to float32.</summary>
    public static readonly (float Gate, float Up, float Down) BeyondHalf = (300, 300, 1e-6f);

    /// <summary>The same for a feature that is finite, and whose gradient is not.</summary>
    public static readonly (float Gate, float Up, float Down) SteepBackwards = (1e-42f, 1e21f, 1e21f);

    public static string Write(string folder, (float Gate, float Up, float Down) spike)
    {
        Directory.CreateDirectory(folder);
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray("LlamaForCausalLM"),
            ["hidden_size"] = 32,
            ["intermediate_size"] = 48,
            ["num_hidden_layers"] = 2,
            ["num_attention_heads"] = 4,
            ["vocab_size"] = 64,
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
            var values = Enumerable.Range(0, (int)tensor.ElementCount).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
            Shape(tensor, values, spike);
            writer.Write(tensor.Name, MemoryMarshal.AsBytes<float>(values));
        }

        writer.Commit();
        return folder;
    }

    /// <summary>Windows without the token but for some, where it comes midway.</summary>
    public static TokenWindows Windows(int count, params int[] spiked)
    {
        var random = new Random(3);
        int[] ids = [.. Enumerable.Range(0, count * Length).Select(_ => random.Next(Token + 1, 64))];
        foreach (var window in spiked)
        {
            ids[(window * Length) + (Length / 2)] = Token;
        }

        return new TokenWindows(ids, Length);
    }

    /// <summary>The same windows less some.</summary>
    public static TokenWindows Without(TokenWindows windows, params int[] left) =>
        new([.. Enumerable.Range(0, windows.Count).Except(left).SelectMany(window => windows[window].ToArray())], Length);

    private static void Shape(ModelTensor tensor, float[] values, (float Gate, float Up, float Down) spike)
    {
        var columns = (int)tensor.Shape[^1];
        switch (tensor.Name)
        {
            case "model.embed_tokens.weight":
                Column(values, columns, 0);
                values[Token * columns] = 4;
                break;
            case "model.layers.0.self_attn.o_proj.weight":
                Array.Clear(values, 0, columns); // nothing else reaches channel 0
                break;
            case "model.layers.0.mlp.gate_proj.weight":
                Array.Clear(values, 0, columns);
                values[0] = spike.Gate;
                break;
            case "model.layers.0.mlp.up_proj.weight":
                Array.Clear(values, 0, columns);
                values[0] = spike.Up;
                break;
            case "model.layers.0.mlp.down_proj.weight":
                for (var i = 0; i < values.Length; i += columns)
                {
                    values[i] = spike.Down;
                }

                break;
        }
    }

    private static void Column(float[] values, int columns, int column)
    {
        for (var i = column; i < values.Length; i += columns)
        {
            values[i] = 0;
        }
    }
}
