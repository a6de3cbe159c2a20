using System.Globalization;

namespace OneComp.Models;

/// <summary>Names of tensors and layers in checkpoints of the Llama family.</summary>
internal static class TensorNames
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string FinalNorm = "model.norm.weight";
    public const string Head = "lm_head";
    private const string Blocks = "model.layers.";
    public const string InputNorm = "input_layernorm.weight";
    public const string PostAttentionNorm = "post_attention_layernorm.weight";
    public const string QueryNorm = "self_attn.q_norm.weight";
    public const string KeyNorm = "self_attn.k_norm.weight";
    public const string Query = "self_attn.q_proj";
    public const string Key = "self_attn.k_proj";
    public const string Value = "self_attn.v_proj";
    public const string Output = "self_attn.o_proj";
    public const string Gate = "mlp.gate_proj";
    public const string Up = "mlp.up_proj";
    public const string Down = "mlp.down_proj";

    /// <summary>The block that a tensor is in; null where it is in none.</summary>
    public static int? BlockOf(string tensor) =>
        tensor.StartsWith(Blocks, StringComparison.Ordinal)
        && tensor.IndexOf('.', Blocks.Length) is > 0 and var end
        && int.TryParse(tensor.AsSpan(Blocks.Length, end - Blocks.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var block)
            ? block
            : null;

    /// <summary>Full name of something in a block.</summary>
    public static string InBlock(int block, string name) =>
        string.Create(CultureInfo.InvariantCulture, $"{Blocks}{block}.{name}");
}
