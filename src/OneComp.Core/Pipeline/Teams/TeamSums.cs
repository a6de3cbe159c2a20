using System.Collections.Concurrent;
using OneComp.Models;
using OneComp.Quantization.Hessians;
using OneComp.Runtime.Teams;

namespace OneComp.Pipeline.Teams;

/// <summary>
/// What calibration sums up for each stage of a block: each device over its own windows, then added up on the devices whose layers need it.
/// Owns all of it.
/// </summary>
internal sealed class TeamSums : IDisposable
{
    private readonly ConcurrentDictionary<(int Worker, BlockStage Stage), StageSum> _sums = [];

    /// <summary>Takes a worker's empty sum over.</summary>
    public StageSum Add(DeviceWorker worker, BlockStage stage, StageSum sum) => _sums[(worker.Index, stage)] = sum;

    /// <summary>A worker's sum; null where there is none.</summary>
    public StageSum? Of(DeviceWorker worker, BlockStage? stage) => stage is { } known ? _sums.GetValueOrDefault((worker.Index, known)) : null;

    /// <summary>Makes one of each stage's partial sums of a worker, at the end of its windows.</summary>
    public void Join(DeviceWorker worker)
    {
        foreach (var (_, sum) in _sums.Where(pair => pair.Key.Worker == worker.Index))
        {
            sum.Join();
        }
    }

    /// <summary>Frees a worker's sum, which nobody needs any more.</summary>
    public void Release(DeviceWorker worker, BlockStage? stage)
    {
        if (stage is { } known && _sums.TryRemove((worker.Index, known), out var sum))
        {
            sum.Dispose();
        }
    }

    /// <summary>
    /// Adds the sums of all workers up on those that need them, in pairs as <see cref="SumTree"/> goes on above what a worker has of it, and frees the others.
    /// </summary>
    /// <param name="team">The devices.</param>
    /// <param name="users">The workers that need a stage's sum, by stage.</param>
    /// <param name="token">Stops between stages.</param>
    public void Gather(DeviceTeam team, IReadOnlyDictionary<BlockStage, IReadOnlyList<DeviceWorker>> users, CancellationToken token)
    {
        if (!team.IsShared)
        {
            return;
        }

        var members = team.Workers.ToList();
        foreach (var level in SumPairs.Levels(members.Count))
        {
            team.Each(
                (worker, stop) =>
                {
                    foreach (var (stage, workers) in users)
                    {
                        if (level.SourceFor(members.IndexOf(worker), members.IndexOf(workers[0])) is { } source && Of(members[source], stage) is { } other)
                        {
                            stop.ThrowIfCancellationRequested();
                            Of(worker, stage)!.Add(other);
                        }
                    }
                },
                token);
        }

        if (users.Values.Any(workers => workers.Count > 1))
        {
            team.Each(
                (worker, stop) =>
                {
                    foreach (var (stage, workers) in users.Where(pair => pair.Value.Skip(1).Contains(worker)))
                    {
                        stop.ThrowIfCancellationRequested();
                        Release(worker, stage);
                        if (Of(workers[0], stage) is { } whole)
                        {
                            Add(worker, stage, whole.Copy(worker.Device));
                        }
                    }
                },
                token);
        }

        foreach (var worker in team.Workers)
        {
            foreach (var stage in Enum.GetValues<BlockStage>().Where(stage => !users.TryGetValue(stage, out var workers) || !workers.Contains(worker)))
            {
                Release(worker, stage);
            }
        }
    }

    public void Dispose()
    {
        foreach (var sum in _sums.Values)
        {
            sum.Dispose();
        }
    }
}
