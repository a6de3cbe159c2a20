using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>Causal attention with rotary positions and grouped queries: what lies between q, k, v and o_proj.</summary>
/// <param name="config">The head counts and sizes.</param>
/// <param name="queryNorm">Norm of each query head; null for none. Owned from here on.</param>
/// <param name="keyNorm">Norm of each key head; null for none. Owned from here on.</param>
/// <param name="window">Keys a query sees; null for all before it.</param>
/// <param name="device">Where the tensors are.</param>
internal sealed class Attention(ModelConfig config, RmsNorm? queryNorm, RmsNorm? keyNorm, int? window, Device device)
    : IDisposable
{
    private readonly RotaryEmbedding _rotary = new(config, device);
    private readonly CausalMask _mask = new(window, device);

    /// <summary>Frequency of each pair; may be changed before the first use.</summary>
    public float[] RotaryFrequencies => _rotary.Frequencies;

    /// <summary>q (B, T, heads·d), k and v (B, T, kv_heads·d) → (B, T, heads·d). The caller owns the result.</summary>
    public Tensor Forward(Tensor query, Tensor key, Tensor value)
    {
        using var scope = NewDisposeScope();
        var mask = _mask.For(query.shape[1]);
        var q = Turn(Split(query, config.NumHeads), queryNorm);              // (B, heads, T, d)
        var k = Repeat(Turn(Split(key, config.NumKeyValueHeads), keyNorm));
        var v = Repeat(Split(value, config.NumKeyValueHeads).transpose(1, 2));
        var mixed = nn.functional.scaled_dot_product_attention(q, k, v, mask, is_casual: mask is null);
        return mixed.transpose(1, 2).reshape(query.shape).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        queryNorm?.Dispose();
        keyNorm?.Dispose();
        _rotary.Dispose();
        _mask.Dispose();
    }

    /// <summary>(B, T, n·d) → (B, T, n, d).</summary>
    private Tensor Split(Tensor input, int heads) => input.reshape(input.shape[0], input.shape[1], heads, config.HeadDim);

    /// <summary>(B, T, n, d) → (B, n, T, d), normed and turned by position.</summary>
    private Tensor Turn(Tensor heads, RmsNorm? norm) => _rotary.Forward(norm?.Forward(heads) ?? heads);

    /// <summary>Each key and value head serves several query heads: (B, kv_heads, T, d) → (B, heads, T, d).</summary>
    private Tensor Repeat(Tensor heads)
    {
        long times = config.NumHeads / config.NumKeyValueHeads;
        return times == 1 ? heads : heads.repeat_interleave(times, dim: 1);
    }
}
