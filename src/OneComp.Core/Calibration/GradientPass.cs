using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>
/// One forward and one backward over the blocks. Holds the weights of two blocks, one of them on its way in, and every
/// block's input: blocks · tokens · hidden elements, on the GPU as far as they have room there.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="windows">What it reads.</param>
/// <param name="device">Where to compute.</param>
/// <param name="type">Type of the states.</param>
/// <param name="loss">What gradients are of; null for <see cref="NextTokenLoss"/>.</param>
/// <param name="prepare">May change each block's weights once they are loaded.</param>
/// <param name="purpose">What errors call it; null for <see cref="PassPurpose.Rating"/>.</param>
internal sealed class GradientPass(
    CausalModel model, TokenWindows windows, Device device, ScalarType type, IWindowLoss? loss = null, Action<DecoderBlock>? prepare = null, PassPurpose? purpose = null)
{
    private readonly HashSet<int> _widened = []; // blocks that overflow in the type
    private readonly PassPurpose _purpose = purpose ?? PassPurpose.Rating;

    /// <summary>Runs the pass; blocks come last to first.</summary>
    /// <param name="observer">Sees every layer's inputs and gradients, of the windows that are finite up to there.</param>
    /// <param name="progress">Told block by block, and of what is not finite.</param>
    /// <param name="token">Asked before each batch.</param>
    /// <exception cref="NumericException">More than a tenth of the windows are not finite.</exception>
    /// <exception cref="DeviceException">OutOfMemory: a window alone has no room.</exception>
    public void Run(IGradientObserver observer, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var bound = new MemoryBound(device, _purpose.Work, () => _purpose.WhatFits(model, windows.Length, device, type), _purpose.WhatToDo);
        bound.Run(() => Run(observer, bound, progress, token));
    }

    private void Run(IGradientObserver observer, MemoryBound bound, IProgress<RunEvent>? progress, CancellationToken token)
    {
        using var grad = enable_grad();
        var guard = new NumericGuard(model.Config.Folder, windows.Count, progress);
        var blocks = model.Config.NumLayers;
        var inputs = new Stack<HiddenStates>();
        using var forward = new BlocksAhead(index => Load(index, type), Enumerable.Range(0, blocks));
        forward.Begin();
        var placement = StatesPlacement.Within([device], TokenMemory.Backward(model.Config, (int)type.ElementSize())) with { Progress = progress };
        bound.At("embedding");
        var states = EmbeddedStates.Of(model, windows, placement, type, token);
        var room = states.Places.RoomForCopies(states.Bytes);
        try
        {
            for (var index = 0; index < blocks; index++)
            {
                Report(index, "forward", index);
                inputs.Push(states.Copy(onDevices: index < room));
                using var block = forward.Take();
                BlockWalk.Forward(block, states, token, guard: guard);
                if (block.Type != type)
                {
                    _widened.Add(index);
                }
            }

            Report(blocks, "loss", null);
            using var backward = new BlocksAhead(index => Load(index, _widened.Contains(index) ? ScalarType.Float32 : type), Enumerable.Range(0, blocks).Reverse());
            backward.Begin();
            new LossGradient(model, loss ?? new NextTokenLoss(windows), device, guard, progress).Put(states, type, token);
            for (var index = blocks - 1; index >= 0; index--)
            {
                Report((2 * blocks) - index - 1, "backward", index);
                using var input = inputs.Pop();
                input.Match(states);
                using var block = backward.Take();
                Backward(block, input, states, observer, guard, token);
            }

            Report(2 * blocks, "done", null);
        }
        finally
        {
            states.Dispose();
            foreach (var held in inputs)
            {
                held.Dispose();
            }
        }

        void Report(int done, string phase, int? block)
        {
            bound.At(block is null ? phase : $"{phase}, block {block + 1} of {blocks}");
            progress?.Report(new ProgressEvent(1, "Rating layers", done < 2 * blocks ? $"{phase}, step {done + 1} of {2 * blocks}" : phase, done, 2 * blocks));
        }
    }

    private static void Backward(DecoderBlock block, HiddenStates inputs, HiddenStates gradients, IGradientObserver observer, NumericGuard guard, CancellationToken token)
    {
        observer.Begin(block, inputs, guard, token);
        for (var i = 0; i < inputs.Count; i++)
        {
            token.ThrowIfCancellationRequested();
            if (inputs.IsEmpty(i))
            {
                continue;
            }

            using var scope = NewDisposeScope();
            var rows = inputs.Samples(i).Count;
            var (found, missing) = (new List<Tensor>(), new List<int>());
            BatchPieces.Each(inputs, i, rows, (start, count, summed) =>
            {
                using var piece = NewDisposeScope();
                var batch = new BlockGradients(block, inputs.Load(i, start, count), gradients.Load(i, start, count));
                if (batch.Missing.Count > 0 && ComputeType.IsHalf(block.Type))
                {
                    guard.Widen(block);
                    batch = new BlockGradients(block, inputs.Load(i, start, count), gradients.Load(i, start, count));
                }

                using var noGrad = no_grad();
                var finite = batch.Finite(batch.OfInput);
                var ofInput = count == rows ? finite : gradients.Places.ToHome(i, finite);
                foreach (var (layer, input, gradient) in batch.Missing.Count < count ? batch.Layers : [])
                {
                    summed.Once(layer.Name, () => observer.Add(layer, batch.Finite(input), batch.Finite(gradient)));
                }

                found.Add(ofInput.MoveToOuterDisposeScope());
                missing.AddRange(batch.Missing.Select(row => start + row));
            });
            if (missing.Count > 0)
            {
                guard.LeaveOut([.. missing.Select(row => inputs.Samples(i)[row])], $"block {block.Index}, backward");
                inputs.LeaveOut(i, missing);
                gradients.LeaveOut(i, missing);
            }

            if (!inputs.IsEmpty(i))
            {
                using var noGrad = no_grad();
                gradients.Store(i, found.Count == 1 ? found[0] : cat(found));
            }
        }

        observer.End(block);
        HostMemory.ReleaseFreed();
    }

    private DecoderBlock Load(int index, ScalarType computed)
    {
        var block = model.LoadBlock(index, device, computed);
        prepare?.Invoke(block);
        return block;
    }
}
