using OneComp.Calibration;
using OneComp.Models;
using OneComp.Pipeline.Teams;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using OneComp.Runtime.Teams;
using static TorchSharp.torch;

namespace OneComp.Pipeline;

/// <summary>
/// Takes the calibration windows through a block twice at once: as the full-precision model has them, and as the model
/// quantized so far has them. Stage by stage, so that each stage is calibrated on what the stages before it, already quantized, give it,
/// and every layer runs once per stream. Each device takes its share of the windows through its copy of the block.
/// </summary>
/// <param name="full">States of the full-precision model. Taken over.</param>
/// <param name="quantized">The same of the model quantized so far. Taken over.</param>
/// <param name="team">The devices.</param>
/// <param name="guard">Says what becomes of numbers that are not finite, in either stream; null to let them pass.</param>
/// <param name="leaves">Leaves of the sums' trees (<see cref="SumTree"/>).</param>
internal sealed class PropagatedPass(HiddenStates full, HiddenStates quantized, DeviceTeam team, NumericGuard? guard = null, int leaves = 1) : IDisposable
{
    /// <summary>Runs a block.</summary>
    /// <param name="copies">Their weights are replaced by <paramref name="quantize"/>.</param>
    /// <param name="hessianOf">Makes the empty Hessian of a stage on a device; null where nothing needs it.</param>
    /// <param name="quantize">Quantizes the stage's layers and puts their new weights into the copies; the sums of each device's windows are borrowed.</param>
    /// <param name="token">Asked before each batch.</param>
    /// <param name="report">Told at each batch of a stage how many of how many are through: each goes through twice.</param>
    /// <exception cref="TeamFaultException">A device of several failed; the states are as they were but for windows that are left out.</exception>
    public void Run(
        BlockCopies copies, Func<BlockStage, Device, LayerHessian?> hessianOf, Action<BlockStage, TeamSums> quantize, CancellationToken token, Action<BlockStage, int, int>? report = null)
    {
        using var noGrad = no_grad();
        using var fullStates = StageStates.Of(full);
        using var quantizedStates = StageStates.Of(quantized);
        team.Each(
            (worker, stop) => Batches(
                worker,
                batch =>
                {
                    fullStates.Enter(copies.Of(worker), batch);
                    quantizedStates.Enter(copies.Of(worker), batch);
                },
                stop),
            token);
        for (var stage = BlockStage.AttentionInput; stage <= BlockStage.MlpOutput; stage++)
        {
            using var sums = new TeamSums();
            var through = -1;
            team.Each(
                (worker, stop) =>
                {
                    var sum = hessianOf(stage, worker.Device) is { } hessian ? sums.Add(worker, stage, new StageSum(hessian, new InputDrift(hessian.InFeatures, worker.Device, hessian.SumType))) : null;
                    Batches(
                        worker,
                        batch =>
                        {
                            report?.Invoke(stage, Interlocked.Increment(ref through), 2 * full.Count);
                            if (sum is not null)
                            {
                                Observe(sum, batch);
                            }

                            Step(worker, fullStates, batch);
                        },
                        stop);
                    sum?.Join();
                },
                token);

            quantize(stage, sums);
            through = full.Count - 1;
            team.Each(
                (worker, stop) => Batches(
                    worker,
                    batch =>
                    {
                        report?.Invoke(stage, Interlocked.Increment(ref through), 2 * full.Count);
                        Step(worker, quantizedStates, batch);
                    },
                    stop),
                token);
        }

        HostMemory.ReleaseFreed();

        void Observe(StageSum sum, int batch) => BatchPieces.Each(full, batch, full.Samples(batch).Count, (start, count, summed) =>
        {
            using var scope = NewDisposeScope();
            var (input, leaf) = (quantizedStates.Input(batch, start, count), SumTree.LeafOf(batch, full.Count, leaves));
            summed.Once(nameof(sum.Hessian), () => sum.Hessian.Add(input, leaf));
            summed.Once(nameof(sum.Drift), () => sum.Drift!.Add(fullStates.Input(batch, start, count), input, leaf));
        });

        // What is not finite in one stream has nothing to be compared with in the other: it leaves both.
        void Step(DeviceWorker worker, StageStates states, int batch)
        {
            var block = copies.Of(worker);
            var missing = states.Step(block, batch, guard);
            if (missing.Count > 0)
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

    private void Batches(DeviceWorker worker, Action<int> work, CancellationToken stop)
    {
        foreach (var batch in full.Places.BatchesOf(worker.Index))
        {
            stop.ThrowIfCancellationRequested();
            if (!full.IsEmpty(batch))
            {
                work(batch);
            }
        }
    }
}
