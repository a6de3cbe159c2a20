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
        using var scope = NewDisposeScope();
        var hidden = input.detach().requires_grad_();
        var seen = new List<(LinearLayer Layer, Tensor Input, Tensor Output)>();
        var output = block.Forward(hidden, (layer, x, y) =>
            seen.Add((layer, x.detach().MoveToOtherDisposeScope(scope), y.MoveToOtherDisposeScope(scope)))); // the block drops them otherwise
        var found = autograd.grad([output], [hidden, .. seen.Select(s => s.Output)], [gradient.to(output.dtype)]);
        Missing = FiniteRows.Missing([.. found]);
        OfInput = found[0].MoveToOuterDisposeScope();
        Layers = [.. seen.Select((s, i) => (s.Layer, s.Input.MoveToOuterDisposeScope(), found[i + 1].MoveToOuterDisposeScope()))];
    }

    /// <summary>∂L at the block's input, (windows, tokens, hidden).</summary>
    public Tensor OfInput { get; }

    /// <summary>Each linear layer with its input and ∂L at its output.</summary>
    public IReadOnlyList<(LinearLayer Layer, Tensor Input, Tensor Gradient)> Layers { get; }

    /// <summary>Rows in which a gradient is not finite.</summary>
    public IReadOnlyCollection<int> Missing { get; }

    /// <summary>The rows of a tensor that are not <see cref="Missing"/>; the caller's scope owns them.</summary>
    public Tensor Finite(Tensor values) => Missing.Count == 0
        ? values
        : values.index_select(0, RowIndex.Of(RowIndex.Others(values.shape[0], Missing), values.device));
}
