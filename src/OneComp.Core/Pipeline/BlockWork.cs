using OneComp.Models;
using OneComp.Pipeline.Resuming;
using OneComp.Pipeline.Teams;
using OneComp.Quantization;
using OneComp.Quantization.Hessians;
using static TorchSharp.torch;

namespace OneComp.Pipeline;

/// <summary>
/// One block's share of a run: its layers are quantized on what the calibration windows give them, or, where that was done before, the windows
/// only go through it.
/// </summary>
/// <param name="byBlock">The plan's layers by their block.</param>
/// <param name="settings">How.</param>
/// <param name="calibration">Calibrates without error propagation; null with it, and where nothing is calibrated.</param>
/// <param name="propagated">Calibrates with error propagation; null without.</param>
/// <param name="quantizer">Quantizes layers.</param>
/// <param name="progress">Told of stages and of blocks that were finished before.</param>
/// <param name="keeper">Has the weights of blocks that were finished before; null where there are none.</param>
internal sealed class BlockWork(
    ILookup<int, PlannedLayer> byBlock, BlockSettings settings, CalibrationPass? calibration, PropagatedPass? propagated, TeamQuantizer quantizer, RunProgress progress, RunKeeper? keeper)
{
    /// <summary>Quantizes a block's layers; the windows' states are those after it then.</summary>
    /// <param name="index">The block.</param>
    /// <param name="copies">Its weights, which error propagation replaces.</param>
    /// <param name="results">Takes the quantized layers.</param>
    /// <param name="token">Asked before each batch and inside each layer.</param>
    public void Quantize(int index, BlockCopies copies, BlockResults results, CancellationToken token)
    {
        if (propagated is not null)
        {
            propagated.Run(
                copies,
                (stage, device) => Of(index, stage).FirstOrDefault() is { } first ? new LayerHessian(first.Layer.InFeatures, device, first.Quantizer.HessianType) : null,
                (stage, sums) => quantizer.Quantize([.. Of(index, stage)], copies, sums, results, token),
                token,
                progress.Stage);
            return;
        }

        using var sums = new TeamSums();
        calibration?.Run(copies, byBlock[index].Where(settings.NeedsHessian), sums, token);
        quantizer.Quantize([.. byBlock[index]], copies, sums, results, token);
    }

    /// <summary>Takes the states through a block that was finished before.</summary>
    /// <param name="index">The block.</param>
    /// <param name="copies">Its weights, which with error propagation those that were saved replace.</param>
    /// <param name="token">Asked before each batch and each layer.</param>
    public void Replay(int index, BlockCopies copies, CancellationToken token)
    {
        if (propagated is null)
        {
            calibration!.Replay(copies, token);
        }
        else
        {
            propagated.Run(
                copies,
                (_, _) => null,
                (stage, _) =>
                {
                    foreach (var planned in Of(index, stage))
                    {
                        token.ThrowIfCancellationRequested();
                        using var scope = NewDisposeScope();
                        copies.SetWeight(planned.Layer, keeper!.Weight(planned.Layer));
                    }
                },
                token,
                progress.Stage);
        }

        progress.Replayed(index);
    }

    private IEnumerable<PlannedLayer> Of(int index, BlockStage stage) => byBlock[index].Where(planned => planned.Layer.Stage == stage);
}
