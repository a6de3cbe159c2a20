using OneComp.Calibration;
using OneComp.Models;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Pipeline;

/// <summary>
/// Takes the calibration windows through a block twice at once: as the full-precision model has them, and as the model
/// quantized so far has them. Stage by stage, so that each stage is calibrated on what the stages before it, already quantized, give it,
/// and every layer runs once per stream.
/// </summary>
/// <param name="full">States of the full-precision model. Taken over.</param>
/// <param name="quantized">The same of the model quantized so far. Taken over.</param>
/// <param name="guard">Says what becomes of numbers that are not finite, in either stream; null to let them pass.</param>
internal sealed class PropagatedPass(HiddenStates full, HiddenStates quantized, NumericGuard? guard = null) : IDisposable
{
    /// <summary>Runs a block.</summary>
    /// <param name="block">Its weights are replaced by <paramref name="quantize"/>.</param>
    /// <param name="hessianOf">Makes the empty Hessian of a stage; null where nothing needs it.</param>
    /// <param name="quantize">Quantizes the stage's layers and puts their new weights into the block; the statistics are borrowed.</param>
    /// <param name="token">Asked before each batch.</param>
    /// <param name="report">Told at each batch of a stage how many of how many are through: each goes through twice.</param>
    public void Run(DecoderBlock block, Func<BlockStage, LayerHessian?> hessianOf, Action<BlockStage, LayerHessian?, InputDrift?> quantize, CancellationToken token, Action<BlockStage, int, int>? report = null)
    {
        using var noGrad = no_grad();
        using var fullStates = StageStates.Enter(block, full, token);
        using var quantizedStates = StageStates.Enter(block, quantized, token);
        for (var stage = BlockStage.AttentionInput; stage <= BlockStage.MlpOutput; stage++)
        {
            using var hessian = hessianOf(stage);
            using var drift = hessian is null ? null : new InputDrift(hessian.InFeatures, full.Device);
            for (var i = 0; i < full.Count; i++)
            {
                token.ThrowIfCancellationRequested();
                report?.Invoke(stage, i, 2 * full.Count);
                if (hessian is not null && !full.IsEmpty(i))
                {
                    using var scope = NewDisposeScope();
                    var input = quantizedStates.Input(i);
                    hessian.Add(input);
                    drift!.Add(fullStates.Input(i), input);
                }

                Step(fullStates, i);
            }

            quantize(stage, hessian, drift);
            for (var i = 0; i < full.Count; i++)
            {
                token.ThrowIfCancellationRequested();
                report?.Invoke(stage, full.Count + i, 2 * full.Count);
                Step(quantizedStates, i);
            }
        }

        HostMemory.ReleaseFreed();

        // What is not finite in one stream has nothing to be compared with in the other: it leaves both.
        void Step(StageStates states, int batch)
        {
            if (full.IsEmpty(batch))
            {
                return;
            }

            var missing = states.Step(block, batch, guard);
            if (missing.Length > 0)
            {
                guard!.LeaveOut([.. missing.Select(row => full.Samples(batch)[row])], $"block {block.Index}");
                fullStates.LeaveOut(batch, missing);
                quantizedStates.LeaveOut(batch, missing);
            }
        }
    }

    /// <summary>The states of the full-precision model; borrowed.</summary>
    public HiddenStates Full => full;

    /// <summary>The states of the model quantized so far; borrowed.</summary>
    public HiddenStates Quantized => quantized;

    public void Dispose()
    {
        full.Dispose();
        quantized.Dispose();
    }
}
