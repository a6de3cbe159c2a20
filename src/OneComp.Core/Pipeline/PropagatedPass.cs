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
internal sealed class PropagatedPass(HiddenStates full, HiddenStates quantized) : IDisposable
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
                if (hessian is not null)
                {
                    using var scope = NewDisposeScope();
                    var input = quantizedStates.Input(i);
                    hessian.Add(input);
                    drift!.Add(fullStates.Input(i), input);
                }

                Step(fullStates, block, i, stage);
            }

            quantize(stage, hessian, drift);
            for (var i = 0; i < full.Count; i++)
            {
                token.ThrowIfCancellationRequested();
                report?.Invoke(stage, full.Count + i, 2 * full.Count);
                Step(quantizedStates, block, i, stage);
            }
        }

        HostMemory.ReleaseFreed();
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

    private static void Step(StageStates states, DecoderBlock block, int batch, BlockStage stage)
    {
        if (stage == BlockStage.MlpOutput)
        {
            states.Leave(block, batch);
        }
        else
        {
            states.Advance(block, batch);
        }
    }
}
