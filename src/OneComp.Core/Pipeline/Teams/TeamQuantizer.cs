using OneComp.Models;
using OneComp.Quantization;
using OneComp.Runtime;
using OneComp.Runtime.Teams;
using static TorchSharp.torch;

namespace OneComp.Pipeline.Teams;

/// <summary>Quantizes layers of a block, each on one device of a team.</summary>
/// <param name="team">The devices.</param>
/// <param name="stages">Quantizes what is one device's of a stage.</param>
internal sealed class TeamQuantizer(DeviceTeam team, StageQuantizer stages)
{
    /// <summary>Quantizes layers once the sums over all windows are there, which are freed on the way.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="copies">Their block.</param>
    /// <param name="sums">What each device summed up of its windows.</param>
    /// <param name="results">Takes the quantized layers.</param>
    /// <param name="token">Asked before and inside each layer.</param>
    /// <exception cref="TeamFaultException">A device of several failed.</exception>
    public void Quantize(IReadOnlyList<PlannedLayer> layers, BlockCopies copies, TeamSums sums, BlockResults results, CancellationToken token)
    {
        var shares = LayerShares.Of(layers, team.Workers.Count)
            .Select((share, i) => (Worker: team.Workers[i], Layers: share))
            .Where(share => share.Layers.Count > 0)
            .ToList();
        if (shares.Count == 0)
        {
            return;
        }

        var users = layers
            .Select(planned => planned.Layer.Stage)
            .OfType<BlockStage>()
            .Distinct()
            .ToDictionary(stage => stage, stage => (IReadOnlyList<DeviceWorker>)[.. shares.Where(share => share.Layers.Any(planned => planned.Layer.Stage == stage)).Select(share => share.Worker)]);
        sums.Gather(team, users, token);
        team.Each(
            (worker, stop) =>
            {
                foreach (var stage in shares.Where(share => share.Worker == worker).SelectMany(share => share.Layers).GroupBy(planned => planned.Layer.Stage))
                {
                    GpuPool.EmptyUnderLimit(worker.Device); // batches leave pieces of other sizes than matrices want
                    using var scope = NewDisposeScope();
                    stages.Quantize([.. stage], worker, copies, sums.Of(worker, stage.Key), results, stop);
                    sums.Release(worker, stage.Key);
                    GpuPool.EmptyUnderLimit(worker.Device);
                }
            },
            token);
    }
}
