using OneComp.Calibration;
using OneComp.Models;
using OneComp.Pipeline.Teams;
using OneComp.Quantization;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using OneComp.Runtime.Teams;
using static TorchSharp.torch;

namespace OneComp.Pipeline;

/// <summary>
/// Takes the calibration windows through a block once, as the full-precision model has them: its outputs replace the states. Each device takes
/// its windows through its copy of the block.
/// </summary>
/// <param name="states">The block's inputs, then its outputs; borrowed.</param>
/// <param name="team">The devices.</param>
/// <param name="guard">Says what becomes of numbers that are not finite.</param>
/// <param name="leaves">Leaves of the sums' trees (<see cref="SumTree"/>).</param>
internal sealed class CalibrationPass(HiddenStates states, DeviceTeam team, NumericGuard guard, int leaves = 1)
{
    /// <summary>Type of the sums; null for that of the device. Tests sum up on the CPU as a GPU does with it.</summary>
    public ScalarType? SumType { get; init; }

    /// <summary>Runs the windows through the block, whose inputs make the Hessians.</summary>
    /// <param name="copies">The block.</param>
    /// <param name="layers">Its layers that need a Hessian.</param>
    /// <param name="sums">Gets the Hessian of each stage that has one of them, over each device's windows.</param>
    /// <param name="token">Asked before each batch.</param>
    public void Run(BlockCopies copies, IEnumerable<PlannedLayer> layers, TeamSums sums, CancellationToken token)
    {
        var wanted = layers.DistinctBy(planned => planned.Layer.Stage).ToList(); // the first of a stage is the one that is listened to
        var heard = wanted.Select(planned => planned.Layer.Name).ToHashSet();
        foreach (var worker in team.Workers)
        {
            foreach (var planned in wanted.Where(planned => planned.Layer.Stage is not null))
            {
                sums.Add(worker, planned.Layer.Stage!.Value, new StageSum(new LayerHessian(planned.Layer.InFeatures, worker.Device, planned.Quantizer.HessianType, SumType), null));
            }
        }

        Walk(
            copies,
            worker => (batch, layer, input) =>
            {
                if (heard.Contains(layer.Name))
                {
                    sums.Of(worker, layer.Stage)?.Hessian.Add(input, SumTree.LeafOf(batch, states.Count, leaves));
                }
            },
            sums.Join,
            token);
    }

    /// <summary>Runs the windows through a block that was calibrated before.</summary>
    public void Replay(BlockCopies copies, CancellationToken token) =>
        Walk(copies, _ => (_, _, _) => { }, _ => { }, token); // observed, as it was: whole blocks may round otherwise

    private void Walk(BlockCopies copies, Func<DeviceWorker, Action<int, LinearLayer, Tensor>> observe, Action<DeviceWorker> finish, CancellationToken token)
    {
        team.Each(
            (worker, stop) =>
            {
                BlockWalk.Forward(copies.Of(worker), states, stop, observe(worker), guard, states.Places.BatchesOf(worker.Index));
                finish(worker);
            },
            token);
        HostMemory.ReleaseFreed();
    }
}
