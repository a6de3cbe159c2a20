using OneComp.Calibration;
using OneComp.Models;
using OneComp.Pipeline.Memory;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Runtime;
using OneComp.Runtime.Teams;
using static TorchSharp.torch;

namespace OneComp.Pipeline.Resuming;

/// <summary>What calibration begins with: made of the windows, or what a run kept of it that now goes on.</summary>
/// <param name="model">The source.</param>
/// <param name="plan">What to do.</param>
/// <param name="team">Where to compute.</param>
/// <param name="type">Type that blocks compute in.</param>
/// <param name="keeper">Keeps what a run needs to go on; null for a run that need not.</param>
internal sealed class CalibrationStart(CausalModel model, QuantizationPlan plan, DeviceTeam team, ScalarType type, RunKeeper? keeper)
{
    /// <summary>The curvatures of outputs. The caller owns them.</summary>
    /// <exception cref="NumericException">The loss is not finite.</exception>
    public OutputCurvatures Curvatures(TokenWindows windows, IProgress<RunEvent>? progress, CancellationToken token)
    {
        return keeper is null ? Make() : keeper.Curvatures(team.Device, Make);

        OutputCurvatures Make() => OutputCurvatures.Of(model, plan, windows, team.Device, progress, token);
    }

    /// <summary>The states to begin with, and once more as the quantized model has them where errors are propagated. The caller owns both.</summary>
    /// <param name="windows">The calibration windows.</param>
    /// <param name="how">Batches, and where states are kept.</param>
    /// <param name="propagates">Whether errors are propagated.</param>
    /// <param name="guard">Learns which windows the run left out before.</param>
    /// <param name="progress">Told where a batch has to be halved.</param>
    /// <param name="token">Asked before each batch.</param>
    public (HiddenStates Full, HiddenStates? Quantized) States(TokenWindows windows, DevicePlan how, bool propagates, NumericGuard guard, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var placement = new StatesPlacement([.. team.Workers.Select(worker => worker.Device)])
        {
            TokensPerBatch = how.BatchTokens,
            KeepsStates = how.KeepsStates,
            Progress = progress,
        };
        if (keeper?.StatesBlocks > 0)
        {
            var kept = keeper.States(windows, model.Config.HiddenSize, propagates, placement, ComputeType.OfStates(type), token);
            guard.LeftOutBefore(kept.Full);
            foreach (var states in new[] { kept.Full, kept.Quantized }.OfType<HiddenStates>())
            {
                states.KeepsInputs = team.IsShared;
            }

            return kept;
        }

        var embedded = EmbeddedStates.Of(model, windows, placement, type, token);
        embedded.KeepsInputs = team.IsShared;
        return (embedded, propagates ? embedded.Copy() : null);
    }
}
