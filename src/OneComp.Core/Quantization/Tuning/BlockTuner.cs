using OneComp.Calibration;
using OneComp.Models;
using OneComp.Quantization.Grids;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Quantization.Tuning;

/// <summary>Tunes the quantized layers of one block together against the block's full-precision output.</summary>
/// <param name="options">How.</param>
/// <param name="seed">Seed of the order of windows.</param>
internal sealed class BlockTuner(BlockTuning options, int seed)
{
    private const int ValidationShare = 8; // one window batch in eight is not trained on

    /// <summary>Tunes; where windows that were not trained on say that it did not help, everything stays as it is.</summary>
    /// <param name="block">Holds the quantized weights; borrowed.</param>
    /// <param name="layers">Its quantized layers with what each was quantized from, (d_out, d_in). Borrowed.</param>
    /// <param name="inputs">The block's inputs in the model quantized so far. Borrowed.</param>
    /// <param name="targets">The block's outputs in the full-precision model. Borrowed.</param>
    /// <param name="token">Asked before each step.</param>
    /// <returns>The tuned layers, which the caller owns; null where the start is better.</returns>
    public IReadOnlyList<GroupedWeight>? Tune(DecoderBlock block, IReadOnlyList<(GroupedWeight Weight, Tensor Wanted)> layers, HiddenStates inputs, HiddenStates targets, CancellationToken token)
    {
        var tuned = layers.Select(layer => new TunedLayer(layer.Weight, layer.Wanted)).ToList();
        var modules = layers.Select(layer => layer.Weight.Layer.Module).ToList();
        var windows = new WindowPicker(inputs, targets, seed + block.Index, ValidationShare);
        try
        {
            var before = Loss(block, windows, token);
            for (var step = 0; step < options.Steps; step++)
            {
                token.ThrowIfCancellationRequested();
                var share = 2.0 * (options.Steps - step) / ((double)options.Steps * (options.Steps + 1)); // falls to zero; the sum is 1
                using var scope = NewDisposeScope();
                using var grad = enable_grad();
                var (input, target) = windows.Next(options.BatchWindows);
                block.Substitutes = modules.Zip(tuned, (module, layer) => (module, Weight: layer.Weight().to(input.dtype))).ToDictionary(pair => pair.module, pair => pair.Weight);
                var loss = block.Forward(input).sub(target).to(ScalarType.Float32).pow(2).mean();
                var gradients = autograd.grad([loss], [.. tuned.SelectMany(layer => layer.Parameters)]);
                for (var l = 0; l < tuned.Count; l++)
                {
                    tuned[l].Step(gradients[2 * l], gradients[(2 * l) + 1], options.CodeTravel * share, options.ScaleTravel * share);
                }

                block.Substitutes = new Dictionary<string, Tensor>();
            }

            var results = tuned.Select(layer => layer.Result()).ToList();
            using var weights = NewDisposeScope();
            using var noGrad = no_grad();
            block.Substitutes = modules.Zip(results, (module, result) => (module, Weight: result.Dequantize().to(inputs.Type))).ToDictionary(pair => pair.module, pair => pair.Weight);
            if (Loss(block, windows, token) < before)
            {
                return results;
            }

            results.ForEach(result => result.Dispose());
            return null;
        }
        finally
        {
            block.Substitutes = new Dictionary<string, Tensor>();
            tuned.ForEach(layer => layer.Dispose());
            HostMemory.ReleaseFreed();
        }
    }

    /// <summary>Mean squared error over the windows that are not trained on.</summary>
    private static double Loss(DecoderBlock block, WindowPicker windows, CancellationToken token)
    {
        using var noGrad = no_grad();
        var sum = 0.0;
        foreach (var batch in windows.Validation)
        {
            token.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (input, target) = windows.Batch(batch);
            sum += block.Forward(input).sub(target).to(ScalarType.Float32).pow(2).sum().to(ScalarType.Float64).item<double>();
        }

        return sum;
    }
}
