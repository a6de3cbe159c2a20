using OneComp.Models;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>One block's step of the walk that calibration, quantization and perplexity share.</summary>
internal static class BlockWalk
{
    /// <summary>Replaces every batch of states by the block's output.</summary>
    /// <param name="block">The block.</param>
    /// <param name="states">Its inputs, then its outputs.</param>
    /// <param name="token">Asked before each batch.</param>
    /// <param name="observe">Called for each linear layer with its input and output; both are borrowed.</param>
    public static void Forward(DecoderBlock block, HiddenStates states, CancellationToken token, Action<LinearLayer, Tensor, Tensor>? observe = null)
    {
        using var noGrad = no_grad();
        for (var i = 0; i < states.Count; i++)
        {
            token.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            states.Store(i, block.Forward(states.Load(i), observe));
        }

        HostMemory.ReleaseFreed();
    }

    /// <summary>Runs every batch for what can be seen on the way; the states stay as they are.</summary>
    /// <param name="block">The block.</param>
    /// <param name="states">Its inputs.</param>
    /// <param name="observe">Called for each linear layer with its input and output; both are borrowed.</param>
    /// <param name="token">Asked before each batch.</param>
    public static void Observe(DecoderBlock block, HiddenStates states, Action<LinearLayer, Tensor, Tensor> observe, CancellationToken token)
    {
        using var noGrad = no_grad();
        for (var i = 0; i < states.Count; i++)
        {
            token.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            block.Forward(states.Load(i), observe);
        }
    }
}
