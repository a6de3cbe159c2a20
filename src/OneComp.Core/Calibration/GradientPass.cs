using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>
/// One forward and one backward over the blocks. Holds one block's weights and every block's input: blocks · tokens · hidden elements.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="windows">What it reads.</param>
/// <param name="device">Where to compute.</param>
/// <param name="type">Type of the states.</param>
/// <param name="loss">What gradients are of; null for <see cref="NextTokenLoss"/>.</param>
/// <param name="prepare">May change each block's weights once they are loaded.</param>
internal sealed class GradientPass(
    CausalModel model, TokenWindows windows, Device device, ScalarType type, IWindowLoss? loss = null, Action<DecoderBlock>? prepare = null)
{
    /// <summary>Runs the pass; blocks come last to first.</summary>
    /// <param name="observer">Sees every layer's inputs and gradients.</param>
    /// <param name="progress">Told block by block.</param>
    /// <param name="token">Asked before each batch.</param>
    /// <exception cref="NumericException">The loss is not finite.</exception>
    public void Run(IGradientObserver observer, IProgress<RunEvent>? progress, CancellationToken token)
    {
        using var grad = enable_grad();
        var blocks = model.Config.NumLayers;
        var inputs = new Stack<HiddenStates>();
        var ids = HiddenStates.Batches(windows, device);
        var states = HiddenStates.Embed(model, ids, device, type, token);
        try
        {
            for (var index = 0; index < blocks; index++)
            {
                Report(index, "forward");
                inputs.Push(states.Copy());
                using var block = Load(index);
                BlockWalk.Forward(block, states, token);
            }

            Report(blocks, "loss");
            LossGradient(states, loss ?? new NextTokenLoss(ids), token);
            for (var index = blocks - 1; index >= 0; index--)
            {
                Report((2 * blocks) - index - 1, "backward");
                using var input = inputs.Pop();
                Backward(index, input, states, observer, token);
            }

            Report(2 * blocks, "done");
        }
        finally
        {
            states.Dispose();
            foreach (var held in inputs.Concat<IDisposable>(ids))
            {
                held.Dispose();
            }
        }

        void Report(int done, string phase) => progress?.Report(new ProgressEvent(
            1, "Rating layers", done < 2 * blocks ? $"{phase}, step {done + 1} of {2 * blocks}" : phase, done, 2 * blocks));
    }

    /// <summary>Replaces the last block's outputs by the loss's gradient at them.</summary>
    private void LossGradient(HiddenStates states, IWindowLoss wanted, CancellationToken token)
    {
        using var head = model.LoadHead(device, type);
        for (var i = 0; i < states.Count; i++)
        {
            token.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var hidden = states.Load(i);                                                        // (windows, tokens, hidden)
            var gradients = new List<Tensor>();
            for (var window = 0L; window < hidden.shape[0]; window++)                           // logits are wide: one window at a time
            {
                token.ThrowIfCancellationRequested();
                using var windowScope = NewDisposeScope();
                var h = hidden.narrow(0, window, 1).detach().requires_grad_();
                var logits = head.Forward(h).to(ScalarType.Float32).squeeze(0);                 // (tokens, vocabulary)
                var value = wanted.Of(logits, i, window);
                if (!float.IsFinite(value.item<float>()))
                {
                    throw new NumericException(NumericError.StatisticNotFinite, model.Config.Folder, $"{model.Config.Folder}: the loss on calibration window {window} of batch {i} is not a finite number. Use -Device cpu (float32), or the strategy ilp.");
                }

                gradients.Add(autograd.grad([value], [h])[0].MoveToOuterDisposeScope());
            }

            states.Store(i, cat(gradients));
        }

        HostMemory.ReleaseFreed();
    }

    private void Backward(int index, HiddenStates inputs, HiddenStates gradients, IGradientObserver observer, CancellationToken token)
    {
        using var block = Load(index);
        observer.Begin(block, inputs, token);
        for (var i = 0; i < inputs.Count; i++)
        {
            token.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var hidden = inputs.Load(i).requires_grad_();
            var seen = new List<(LinearLayer Layer, Tensor Input, Tensor Output)>();
            var output = block.Forward(hidden, (layer, x, y) =>
                seen.Add((layer, x.detach().MoveToOtherDisposeScope(scope), y.MoveToOtherDisposeScope(scope)))); // the block drops them otherwise
            var found = autograd.grad([output], [hidden, .. seen.Select(s => s.Output)], [gradients.Load(i)]);
            gradients.Store(i, found[0]);
            using var noGrad = no_grad();
            for (var s = 0; s < seen.Count; s++)
            {
                observer.Add(seen[s].Layer, seen[s].Input, found[s + 1]);
            }
        }

        observer.End(block);
        HostMemory.ReleaseFreed();
    }

    private DecoderBlock Load(int index)
    {
        var block = model.LoadBlock(index, device, type);
        prepare?.Invoke(block);
        return block;
    }
}
