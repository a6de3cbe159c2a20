using System.Globalization;
using OneComp.Models;

namespace OneComp.Export.Gguf;

/// <summary>How llama.cpp knows an architecture: its name there, the tensors' names, and whether q and k have other row orders.</summary>
internal sealed class GgufArchitecture
{
    private const string LayerPrefix = "model.layers.";

    private static readonly Dictionary<string, string> Parts = new()
    {
        [TensorNames.InputNorm] = "attn_norm.weight",
        [TensorNames.PostAttentionNorm] = "ffn_norm.weight",
        [TensorNames.QueryNorm] = "attn_q_norm.weight",
        [TensorNames.KeyNorm] = "attn_k_norm.weight",
        [TensorNames.Query] = "attn_q",
        [TensorNames.Key] = "attn_k",
        [TensorNames.Value] = "attn_v",
        [TensorNames.Output] = "attn_output",
        [TensorNames.Gate] = "ffn_gate",
        [TensorNames.Up] = "ffn_up",
        [TensorNames.Down] = "ffn_down",
    };

    private GgufArchitecture(string name, bool pairsNeighbours) => (Name, PairsNeighbours) = (name, pairsNeighbours);

    /// <summary>Its name in llama.cpp, which is the prefix of its keys.</summary>
    public string Name { get; }

    /// <summary>
    /// True where llama.cpp turns neighbouring values of a head as a pair. Hugging Face pairs a value with the one half a head
    /// further, so that the rows of q and k have to change places.
    /// </summary>
    public bool PairsNeighbours { get; }

    /// <summary>The architecture of a model.</summary>
    /// <exception cref="ExportException">llama.cpp does not know it, or not with its biases.</exception>
    public static GgufArchitecture Of(ModelConfig config) => config.Architecture switch
    {
        "LlamaForCausalLM" or "MistralForCausalLM" => new GgufArchitecture("llama", pairsNeighbours: true),
        "Qwen2ForCausalLM" => new GgufArchitecture("qwen2", pairsNeighbours: false),
        "Qwen3ForCausalLM" when !config.AttentionBias => new GgufArchitecture("qwen3", pairsNeighbours: false),
        var other => throw new ExportException(ExportError.ModelNotSupported, config.Folder, $"{config.Folder}: llama.cpp has no architecture for {other}{(config.AttentionBias ? " with attention_bias" : "")}. Known are Llama, Mistral, Qwen2 and Qwen3 without attention_bias. Export with -Format Gptq, CompressedTensors or Dequantized."),
    };

    /// <summary>A tensor's name in llama.cpp.</summary>
    public static string NameOf(string tensor)
    {
        switch (tensor)
        {
            case TensorNames.Embedding:
                return "token_embd.weight";
            case TensorNames.FinalNorm:
                return "output_norm.weight";
            case TensorNames.Head + ".weight":
                return "output.weight";
        }

        var inBlock = tensor[LayerPrefix.Length..];
        var dot = inBlock.IndexOf('.', StringComparison.Ordinal);
        var (block, part) = (inBlock[..dot], inBlock[(dot + 1)..]);
        if (!Parts.TryGetValue(part, out var name))
        {
            var end = part.LastIndexOf('.');
            name = Parts[part[..end]] + part[end..]; // a weight or bias
        }

        return string.Create(CultureInfo.InvariantCulture, $"blk.{block}.{name}");
    }

    /// <summary>The width of a head whose rows change places; 0 for a tensor that stays as it is.</summary>
    public int PermutedHead(string tensor, ModelConfig config) =>
        PairsNeighbours && (tensor.Contains(TensorNames.Query + ".", StringComparison.Ordinal) || tensor.Contains(TensorNames.Key + ".", StringComparison.Ordinal))
            ? config.HeadDim
            : 0;
}
