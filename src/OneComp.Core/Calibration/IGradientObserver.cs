using OneComp.Models;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>Looks at each block, last to first, while the loss's gradients run back through it.</summary>
internal interface IGradientObserver
{
    /// <summary>Before the block's first batch.</summary>
    /// <param name="block">The block; borrowed.</param>
    /// <param name="inputs">Its inputs; borrowed.</param>
    /// <param name="guard">Says what becomes of numbers that are not finite.</param>
    /// <param name="token">Asked in long work.</param>
    void Begin(DecoderBlock block, HiddenStates inputs, NumericGuard guard, CancellationToken token);

    /// <summary>For each linear layer and batch, of the windows that are finite.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">x, (windows, tokens, d_in); borrowed.</param>
    /// <param name="gradient">∂L/∂y, (windows, tokens, d_out), L being a window's mean loss; borrowed.</param>
    void Add(LinearLayer layer, Tensor input, Tensor gradient);

    /// <summary>After the block's last batch.</summary>
    void End(DecoderBlock block);
}
