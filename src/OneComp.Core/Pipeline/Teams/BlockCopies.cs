using System.Collections.Concurrent;
using OneComp.Models;
using OneComp.Runtime.Teams;
using static TorchSharp.torch;

namespace OneComp.Pipeline.Teams;

/// <summary>One block, once for each device. Owns the copies.</summary>
internal sealed class BlockCopies : IDisposable
{
    private readonly ConcurrentDictionary<int, DecoderBlock> _byWorker = [];

    /// <summary>Takes a worker's copy over.</summary>
    public void Add(DeviceWorker worker, DecoderBlock block) => _byWorker[worker.Index] = block;

    /// <summary>A worker's copy. Borrowed.</summary>
    public DecoderBlock Of(DeviceWorker worker) => _byWorker[worker.Index];

    /// <summary>Copies values into a layer's weight in every copy; no other thread may be using that weight.</summary>
    public void SetWeight(LinearLayer layer, Tensor weight)
    {
        foreach (var block in _byWorker.Values)
        {
            block.SetWeight(layer, weight);
        }
    }

    public void Dispose()
    {
        foreach (var block in _byWorker.Values)
        {
            block.Dispose();
        }
    }
}
