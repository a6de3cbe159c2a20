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
        return Mix(Turn(Split(query, config.NumHeads), queryNorm), Turn(Split(key, config.NumKeyValueHeads), keyNorm), Heads(value))
            .reshape(query.shape).MoveToOuterDisposeScope();
    }

    /// <summary>The same, with what the way back needs, which lives in the caller's dispose scope.</summary>
    public AttentionTrace Trace(Tensor query, Tensor key, Tensor value)
    {
        var (q, k, v) = (Split(query, config.NumHeads), Split(key, config.NumKeyValueHeads), Heads(value));
        Tensor[] turned = [Turn(q, queryNorm), Turn(k, keyNorm), v];
        return new AttentionTrace(turned, x => Mix(x[0], x[1], x[2]), gradients => (
            Back(gradients[0], q, queryNorm).reshape(query.shape),
            Back(gradients[1], k, keyNorm).reshape(key.shape),
            gradients[2].transpose(1, 2).reshape(value.shape)));
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

    /// <summary>∂L at a norm's argument, (B, T, n, d), from ∂L at what <see cref="Turn"/> gave.</summary>
    private Tensor Back(Tensor gradient, Tensor heads, RmsNorm? norm)
    {
        var unturned = _rotary.Back(gradient);
        return norm is null ? unturned : norm.Back(heads, unturned, null);
    }

    /// <summary>v (B, T, kv_heads·d) → (B, kv_heads, T, d).</summary>
    private Tensor Heads(Tensor value) => Split(value, config.NumKeyValueHeads).transpose(1, 2);

    /// <summary>(B, heads, T, d) and two (B, kv_heads, T, d) → (B, T, heads, d).</summary>
    private Tensor Mix(Tensor query, Tensor key, Tensor value)
    {
        var mask = _mask.For(query.shape[2]);
        return nn.functional.scaled_dot_product_attention(query, Repeat(key), Repeat(value), mask, is_casual: mask is null).transpose(1, 2);
    }

    /// <summary>Each key and value head serves several query heads: (B, kv_heads, T, d) → (B, heads, T, d).</summary>
    private Tensor Repeat(Tensor heads)
    {
        long times = config.NumHeads / config.NumKeyValueHeads;
        return times == 1 ? heads : heads.unsqueeze(2).expand(-1, -1, times, -1, -1).flatten(1, 2);
    }
}
