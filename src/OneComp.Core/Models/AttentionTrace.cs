using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>An attention's output, and the way back from it. Everything lives in the dispose scope that is open when it is made.</summary>
internal sealed class AttentionTrace
{
    private readonly Tensor[] _leaves; // q, k, v as they are mixed: (B, heads, T, d)
    private readonly Tensor _mixed;    // (B, T, heads, d), recorded
    private readonly Func<Tensor[], (Tensor, Tensor, Tensor)> _back;

    /// <summary>Mixes.</summary>
    /// <param name="arguments">q, k and v. Borrowed.</param>
    /// <param name="mix">Gives (B, T, heads, d).</param>
    /// <param name="back">From ∂L at the arguments to ∂L at the projections' outputs.</param>
    public AttentionTrace(IReadOnlyList<Tensor> arguments, Func<Tensor[], Tensor> mix, Func<Tensor[], (Tensor, Tensor, Tensor)> back)
    {
        using (enable_grad())
        {
            _leaves = [.. arguments.Select(argument => argument.detach().requires_grad_())];
            _mixed = mix(_leaves);
        }

        Output = _mixed.detach().reshape(_mixed.shape[0], _mixed.shape[1], -1);
        _back = back;
    }

    /// <summary>(B, T, heads·d).</summary>
    public Tensor Output { get; }

    /// <summary>∂L at q (B, T, heads·d), k and v (B, T, kv_heads·d), from ∂L at <see cref="Output"/>. Once only.</summary>
    public (Tensor OfQuery, Tensor OfKey, Tensor OfValue) Back(Tensor gradient) =>
        _back(RecordedGradient.Of(_mixed, _leaves, gradient.reshape(_mixed.shape)));
}
