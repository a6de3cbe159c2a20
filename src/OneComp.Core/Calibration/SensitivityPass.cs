using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>
/// One forward and one backward over the blocks, for a and b of every layer (DESIGN section 5). The loss is a window's mean
/// next-token cross-entropy. Holds one block's weights and every block's input: blocks · tokens · hidden elements.
/// </summary>
internal sealed class SensitivityPass(CausalModel model, TokenWindows windows, Device device, ScalarType type)
{
    private readonly long _tokens = windows.Ids.Length;

    /// <summary>Runs the pass; blocks come last to first.</summary>
    /// <param name="visit">Gets each block with the sensitivity of its layers, by layer name; only borrowed.</param>
    /// <param name="progress">Told block by block.</param>
    /// <param name="token">Asked before each batch.</param>
    /// <exception cref="NumericException">The loss is not finite.</exception>
    public void Run(
        Action<DecoderBlock, IReadOnlyDictionary<string, LayerSensitivity>> visit,
        IProgress<RunEvent>? progress,
        CancellationToken token)
    {
        var blocks = model.Config.NumLayers;
        var inputs = new Stack<HiddenStates>();
        var ids = HiddenStates.Batches(windows, device);
        var states = HiddenStates.Embed(model, ids, device, type);
        try
        {
            for (var index = 0; index < blocks; index++)
            {
                Report(index, "forward");
                inputs.Push(states.Copy());
                using var block = model.LoadBlock(index, device, type);
                BlockWalk.Forward(block, states, token);
            }

            Report(blocks, "loss");
            LossGradient(states, ids, token);
            for (var index = blocks - 1; index >= 0; index--)
            {
                Report((2 * blocks) - index - 1, "backward");
                using var input = inputs.Pop();
                Backward(index, input, states, visit, token);
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
    private void LossGradient(HiddenStates states, IReadOnlyList<Tensor> ids, CancellationToken token)
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
                using var windowScope = NewDisposeScope();
                var h = hidden.narrow(0, window, 1).detach().requires_grad_();
                var logits = head.Forward(h).to(ScalarType.Float32).squeeze(0);                 // (tokens, vocabulary)
                var last = logits.shape[0] - 1;
                var targets = ids[i].narrow(0, window, 1).squeeze(0).narrow(0, 1, last).to(device);
                var loss = nn.functional.cross_entropy(logits.narrow(0, 0, last), targets);
                if (!float.IsFinite(loss.item<float>()))
                {
                    throw new NumericException(NumericError.StatisticNotFinite, model.Config.Folder, $"{model.Config.Folder}: the loss on calibration window {window} of batch {i} is not a finite number. Use -Device cpu (float32), or the strategy ilp.");
                }

                gradients.Add(autograd.grad([loss], [h])[0].MoveToOuterDisposeScope());
            }

            states.Store(i, cat(gradients));
        }

        HostMemory.ReleaseFreed();
    }

    private void Backward(
        int index,
        HiddenStates inputs,
        HiddenStates gradients,
        Action<DecoderBlock, IReadOnlyDictionary<string, LayerSensitivity>> visit,
        CancellationToken token)
    {
        using var block = model.LoadBlock(index, device, type);
        var sums = block.Layers.ToDictionary(layer => layer.Name, layer => new LayerSensitivity(
            zeros(layer.InFeatures, dtype: ScalarType.Float32, device: device),
            zeros(layer.OutFeatures, dtype: ScalarType.Float32, device: device)));
        try
        {
            for (var i = 0; i < inputs.Count; i++)
            {
                token.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var hidden = inputs.Load(i).requires_grad_();
                var outputs = new List<(LayerSensitivity Sums, Tensor Value)>();
                var output = block.Forward(hidden, (layer, x, y) =>
                {
                    sums[layer.Name].InputMoments.add_(SumOfSquares(x.detach()));
                    outputs.Add((sums[layer.Name], y.MoveToOtherDisposeScope(scope))); // the block drops it otherwise
                });
                var found = autograd.grad([output], [hidden, .. outputs.Select(o => o.Value)], [gradients.Load(i)]);
                gradients.Store(i, found[0]);
                for (var o = 0; o < outputs.Count; o++)
                {
                    outputs[o].Sums.OutputCurvature.add_(SumOfSquares(found[o + 1]));
                }
            }

            foreach (var sum in sums.Values)
            {
                sum.InputMoments.div_(_tokens);
                sum.OutputCurvature.div_(_tokens);
            }

            visit(block, sums);
            HostMemory.ReleaseFreed();
        }
        finally
        {
            foreach (var sum in sums.Values)
            {
                sum.Dispose();
            }
        }
    }

    /// <summary>Over all tokens, for each channel: (channels) float32.</summary>
    private static Tensor SumOfSquares(Tensor values) =>
        values.to(ScalarType.Float32).pow(2).reshape(-1, values.shape[^1]).sum(dim: 0); // a bare 0 would bind as the type Byte
}
