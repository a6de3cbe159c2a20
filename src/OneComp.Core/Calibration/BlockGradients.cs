using OneComp.Models;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>One batch forward through a block and its gradients back. The tensors live in the dispose scope that is open when it is made.</summary>
internal sealed class BlockGradients
{
    /// <summary>Computes them.</summary>
    /// <param name="block">The block.</param>
    /// <param name="input">Its input, (windows, tokens, hidden). Borrowed.</param>
    /// <param name="gradient">∂L at its output, (windows, tokens, hidden). Borrowed.</param>
    public BlockGradients(DecoderBlock block, Tensor input, Tensor gradient)
    {
        (OfInput, Layers) = block.Back(input, gradient);
        Missing = FiniteRows.Missing([OfInput, .. Layers.Select(layer => layer.Gradient)]);
    }

    /// <summary>∂L at the block's input, (windows, tokens, hidden).</summary>
    public Tensor OfInput { get; }

    /// <summary>Each linear layer with its input and ∂L at its output, last to first; layers that read one input have one tensor.</summary>
    public IReadOnlyList<(LinearLayer Layer, Tensor Input, Tensor Gradient)> Layers { get; }

    /// <summary>Rows in which a gradient is not finite.</summary>
    public IReadOnlyCollection<int> Missing { get; }

    /// <summary>The rows of a tensor that are not <see cref="Missing"/>; the caller's scope owns them.</summary>
    public Tensor Finite(Tensor values) => Missing.Count == 0
        ? values
        : values.index_select(0, RowIndex.Of(RowIndex.Others(values.shape[0], Missing), values.device));
}
