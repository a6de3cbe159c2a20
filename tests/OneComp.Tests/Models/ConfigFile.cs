using System.Text.Json.Nodes;
using OneComp.Tests.Support;

namespace OneComp.Tests.Models;

/// <summary>Writes config.json files for tests.</summary>
internal static class ConfigFile
{
    /// <summary>A small Llama's fields, in the older spelling.</summary>
    public static JsonObject SmallLlama() => new()
    {
        ["architectures"] = new JsonArray("LlamaForCausalLM"),
        ["hidden_size"] = 32,
        ["intermediate_size"] = 48,
        ["num_hidden_layers"] = 2,
        ["num_attention_heads"] = 4,
        ["vocab_size"] = 100,
        ["max_position_embeddings"] = 64,
    };

    /// <summary>Writes a small Llama's config.json with some fields changed.</summary>
    public static void Write(TemporaryFolder folder, Action<JsonObject>? change = null)
    {
        var config = SmallLlama();
        change?.Invoke(config);
        File.WriteAllText(folder.File("config.json"), config.ToJsonString());
    }
}
