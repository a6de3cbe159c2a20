using OneComp.Models;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>One block's step of the walk that calibration, quantization and perplexity share.</summary>
internal static class BlockWalk
{
    /// <summary>Replaces every batch of states by the block's output.</summary>
    /// <param name="block">The block; in float32 afterwards where it overflowed.</param>
    /// <param name="states">Its inputs, then its outputs, less the windows that are left out.</param>
    /// <param name="token">Asked before each batch.</param>
    /// <param name="observe">Called with the batch's number for each linear layer with its input, (windows, tokens, d_in), which is borrowed.</param>
    /// <param name="guard">Says what becomes of numbers that are not finite; null to let them pass.</param>
    /// <param name="batches">The batches to take; null for all.</param>
    /// <exception cref="Quantization.NumericException">Too many windows are left out.</exception>
    public static void Forward(
        DecoderBlock block, HiddenStates states, CancellationToken token, Action<int, LinearLayer, Tensor>? observe = null, NumericGuard? guard = null, IReadOnlyList<int>? batches = null)
    {
        using var noGrad = no_grad();
        foreach (var i in batches ?? [.. Enumerable.Range(0, states.Count)])
        {
            token.ThrowIfCancellationRequested();
            if (states.IsEmpty(i))
            {
                continue;
            }

            using var scope = NewDisposeScope();
            var rows = states.Samples(i).Count;
            var (outputs, missing) = (new List<Tensor>(), new List<int>());
            BatchPieces.Each(states, i, rows, (start, count, summed) =>
            {
                using var piece = NewDisposeScope();
                var (output, bad) = observe is null
                    ? FiniteSteps.Forward(block, states.Load(i, start, count), guard)
                    : Observed(block, states.Load(i, start, count), (layer, input) => summed.Once(layer.Name, () => observe(i, layer, input)), guard);
                outputs.Add((count == rows ? Finite(output, bad) : states.Places.ToHome(i, Finite(output, bad))).MoveToOuterDisposeScope());
                missing.AddRange(bad.Select(row => start + row));
            });
            if (missing.Count > 0)
            {
                guard!.LeaveOut([.. missing.Select(row => states.Samples(i)[row])], $"block {block.Index}");
                states.LeaveOut(i, missing);
            }

            if (!states.IsEmpty(i))
            {
                states.Store(i, outputs.Count == 1 ? outputs[0] : cat(outputs));
            }
        }

        HostMemory.ReleaseFreed();
    }

    /// <summary>Runs every batch for what can be seen on the way; the states stay as they are.</summary>
    /// <param name="block">The block; in float32 afterwards where it overflowed.</param>
    /// <param name="states">Its inputs.</param>
    /// <param name="observe">Called for each linear layer with its input, of the windows that are finite; borrowed.</param>
    /// <param name="token">Asked before each batch.</param>
    /// <param name="guard">Says what becomes of numbers that are not finite; null to let them pass.</param>
    public static void Observe(DecoderBlock block, HiddenStates states, Action<LinearLayer, Tensor> observe, CancellationToken token, NumericGuard? guard = null)
    {
        using var noGrad = no_grad();
        for (var i = 0; i < states.Count; i++)
        {
            token.ThrowIfCancellationRequested();
            if (!states.IsEmpty(i))
            {
                BatchPieces.Each(states, i, states.Samples(i).Count, (start, count, summed) =>
                {
                    using var scope = NewDisposeScope();
                    Observed(block, states.Load(i, start, count), (layer, input) => summed.Once(layer.Name, () => observe(layer, input)), guard);
                });
            }
        }
    }

    /// <summary>Stage by stage, so that nothing is seen that is not finite. The output has every row; the caller's scope owns it.</summary>
    private static (Tensor Output, int[] Missing) Observed(DecoderBlock block, Tensor hidden, Action<LinearLayer, Tensor> observe, NumericGuard? guard)
    {
        var missing = new SortedSet<int>();
        var state = block.Enter(hidden);
        try
        {
            while (true)
            {
                using (var scope = NewDisposeScope())
                {
                    var finite = Finite(state.Input, missing);
                    foreach (var layer in finite.shape[0] > 0 ? block.LayersOf(state.Stage) : [])
                    {
                        observe(layer, finite);
                    }
                }

                if (state.Stage == BlockStage.MlpOutput)
                {
                    var (output, bad) = FiniteSteps.Exit(block, state, guard);
                    missing.UnionWith(bad);
                    return (output, [.. missing]);
                }

                var (next, found) = FiniteSteps.Advance(block, state, guard);
                missing.UnionWith(found);
                state.Dispose();
                state = next;
            }
        }
        finally
        {
            state.Dispose();
        }
    }

    private static Tensor Finite(Tensor values, IReadOnlyCollection<int> missing) => missing.Count == 0
        ? values
        : values.index_select(0, RowIndex.Of(RowIndex.Others(values.shape[0], missing), values.device));
}
