using OneComp.Models;

namespace OneComp.Tests.Export;

/// <summary>Hugging Face's tensors as llama.cpp has them, and back.</summary>
internal static class LlamaCppTensors
{
    /// <summary>Hugging Face's name to llama.cpp's, from its list of tensor names.</summary>
    public static string Name(string tensor) => (tensor
        .Replace("model.layers.", "blk.", StringComparison.Ordinal)
        .Replace("self_attn.q_proj", "attn_q", StringComparison.Ordinal)
        .Replace("self_attn.k_proj", "attn_k", StringComparison.Ordinal)
        .Replace("self_attn.v_proj", "attn_v", StringComparison.Ordinal)
        .Replace("self_attn.o_proj", "attn_output", StringComparison.Ordinal)
        .Replace("self_attn.q_norm", "attn_q_norm", StringComparison.Ordinal)
        .Replace("self_attn.k_norm", "attn_k_norm", StringComparison.Ordinal)
        .Replace("mlp.gate_proj", "ffn_gate", StringComparison.Ordinal)
        .Replace("mlp.up_proj", "ffn_up", StringComparison.Ordinal)
        .Replace("mlp.down_proj", "ffn_down", StringComparison.Ordinal)
        .Replace("input_layernorm", "attn_norm", StringComparison.Ordinal)
        .Replace("post_attention_layernorm", "ffn_norm", StringComparison.Ordinal)
        .Replace("model.embed_tokens", "token_embd", StringComparison.Ordinal)
        .Replace("model.norm", "output_norm", StringComparison.Ordinal)
        .Replace("lm_head", "output", StringComparison.Ordinal));

    /// <summary>llama.cpp's rows of q and k (heads, head_dim/2, 2) back to Hugging Face's (heads, 2, head_dim/2); llama only.</summary>
    public static float[] Unpermuted(GgufDocument gguf, string name, ModelConfig config)
    {
        var values = gguf.Values(name);
        if (gguf.Get<string>("general.architecture") != "llama" || !(name.Contains("attn_q.", StringComparison.Ordinal) || name.Contains("attn_k.", StringComparison.Ordinal)))
        {
            return values;
        }

        var (head, dimensions) = (config.HeadDim, gguf.Tensors[name].Dimensions);
        var columns = dimensions.Length == 1 ? 1 : (int)dimensions[0];
        var result = new float[values.Length];
        for (var row = 0; row < values.Length / columns; row++)
        {
            var (h, i, j) = (row / head, row % head / 2, row % 2);
            values.AsSpan(row * columns, columns).CopyTo(result.AsSpan(((h * head) + (j * head / 2) + i) * columns));
        }

        return result;
    }
}
