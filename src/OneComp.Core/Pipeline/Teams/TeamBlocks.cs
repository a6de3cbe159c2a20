using OneComp.Models;
using OneComp.Runtime.Teams;
using static TorchSharp.torch;

namespace OneComp.Pipeline.Teams;

/// <summary>Each device's copies of the blocks to come, read ahead on each.</summary>
/// <param name="load">Loads a block onto a device; called on other threads.</param>
/// <param name="team">The devices.</param>
/// <param name="readsAhead">False to read each block only when it is taken, where two have no room.</param>
/// <param name="first">The first block.</param>
/// <param name="count">Blocks.</param>
internal sealed class TeamBlocks(Func<int, Device, DecoderBlock> load, DeviceTeam team, bool readsAhead, int first, int count) : IDisposable
{
    private readonly Dictionary<int, (BlocksAhead Ahead, int Next)> _ahead = team.Workers.ToDictionary(
        worker => worker.Index, worker => (new BlocksAhead(index => load(index, worker.Device), Enumerable.Range(first, count)), first));

    /// <summary>Starts on the first block before it is asked for.</summary>
    public void Begin()
    {
        foreach (var worker in readsAhead ? team.Workers : [])
        {
            _ahead[worker.Index].Ahead.Begin();
        }
    }

    /// <summary>A copy of a block for each device that is left: read ahead, or read once more where it was taken before. The caller owns them.</summary>
    /// <exception cref="ModelException">A tensor is missing, of another shape or type than expected, or not finite.</exception>
    /// <exception cref="TeamFaultException">A device has no room for it, or failed.</exception>
    public BlockCopies Take(int index, CancellationToken token)
    {
        var copies = new BlockCopies();
        try
        {
            team.Each((worker, _) => copies.Add(worker, Take(worker, index)), token);
            return copies;
        }
        catch
        {
            copies.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var (ahead, _) in _ahead.Values)
        {
            try
            {
                ahead.Dispose();
            }
            catch (Exception exception) when (TeamFaultException.IsOfDevice(exception))
            {
                // A block that nobody asked for, on a device that failed.
            }
        }
    }

    private DecoderBlock Take(DeviceWorker worker, int index)
    {
        BlocksAhead? ahead = null;
        lock (_ahead)
        {
            if (readsAhead && _ahead[worker.Index] is var (blocks, next) && next == index)
            {
                _ahead[worker.Index] = (blocks, next + 1);
                ahead = blocks;
            }
        }

        return ahead?.Take() ?? load(index, worker.Device);
    }
}
