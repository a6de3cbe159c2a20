using static TorchSharp.torch;

namespace OneComp.Models;

/// <content>The way back.</content>
public sealed partial class DecoderBlock
{
    /// <summary>
    /// Runs the block and walks back through it. What is recorded for the way back is the attention alone; the rest is written out, so that
    /// kernels can do it, and so that the last product, which no gradient needs, is left out.
    /// </summary>
    /// <param name="hidden">(B, T, hidden). The caller keeps it.</param>
    /// <param name="gradient">∂L at the block's output, (B, T, hidden). The caller keeps it.</param>
    /// <returns>
    /// ∂L at <paramref name="hidden"/>, in its type; and each linear layer, last to first, with its input (B, T, d_in), one tensor for all
    /// layers that read it, and ∂L at its output (B, T, d_out). All in the caller's dispose scope.
    /// </returns>
    internal (Tensor OfHidden, IReadOnlyList<(LinearLayer Layer, Tensor Input, Tensor Gradient)> Layers) Back(Tensor hidden, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var input = _inputNorm.Forward(hidden, Type);
        var attention = _attention.Trace(Apply(TensorNames.Query, input, null), Apply(TensorNames.Key, input, null), Apply(TensorNames.Value, input, null));
        var middle = hidden + Apply(TensorNames.Output, attention.Output, null);
        var inner = _postAttentionNorm.Forward(middle, Type);
        var (gate, up) = (Apply(TensorNames.Gate, inner, null), Apply(TensorNames.Up, inner, null));

        var layers = new List<(LinearLayer, Tensor Input, Tensor Gradient)>();
        var atOutput = gradient.to(hidden.dtype, copy: true); // what is given out is all of this scope
        var (ofGate, ofUp) = Activations.GateBack(_activation, gate, up, Through(TensorNames.Down, Activations.Gate(_activation, gate, up), atOutput));
        var ofInner = Through(TensorNames.Up, inner, ofUp).add_(Through(TensorNames.Gate, inner, ofGate));
        var ofMiddle = _postAttentionNorm.Back(middle, ofInner, atOutput);
        var (ofQuery, ofKey, ofValue) = attention.Back(Through(TensorNames.Output, attention.Output, ofMiddle));
        var ofInput = Through(TensorNames.Value, input, ofValue).add_(Through(TensorNames.Key, input, ofKey)).add_(Through(TensorNames.Query, input, ofQuery));
        foreach (var kept in layers.SelectMany(layer => (Tensor[])[layer.Input, layer.Gradient]).Distinct().ToList())
        {
            kept.MoveToOuterDisposeScope();
        }

        return (_inputNorm.Back(hidden, ofInput, ofMiddle).MoveToOuterDisposeScope(), layers);

        // ∂L at a layer's input from ∂L at its output.
        Tensor Through(string module, Tensor read, Tensor found)
        {
            var linear = _linears[module];
            found = found.to(Type);
            layers.Add((linear.Layer, read, found));
            return found.reshape(-1, found.shape[^1]).mm(linear.Weight).reshape(read.shape);
        }
    }
}
