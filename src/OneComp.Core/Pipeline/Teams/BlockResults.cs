using OneComp.Quantization;

namespace OneComp.Pipeline.Teams;

/// <summary>
/// The quantized layers of one block. A team's wait until the whole block is done, so that a block can be done again where a device fails; one
/// device's go on to be saved at once. For use from several threads.
/// </summary>
/// <param name="saver">Where they go.</param>
/// <param name="waits">Whether they wait.</param>
internal sealed class BlockResults(LayerSaver saver, bool waits) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, QuantizedWeight> _waiting = [];
    private readonly Dictionary<string, PlannedLayer> _done = [];

    /// <summary>A layer by its name, as it was planned, with its errors where they were measured.</summary>
    public IReadOnlyDictionary<string, PlannedLayer> Done => _done;

    /// <summary>Takes a layer over, whose tensors belong to no dispose scope.</summary>
    public void Add(PlannedLayer done, QuantizedWeight weight)
    {
        lock (_gate)
        {
            _done.Add(done.Layer.Name, done);
            if (waits)
            {
                _waiting.Add(done.Layer.Name, weight);
                return;
            }
        }

        saver.Add(weight);
    }

    /// <summary>Hands on what waits, in the plan's order.</summary>
    public void Commit(IEnumerable<PlannedLayer> order)
    {
        foreach (var planned in order)
        {
            if (_waiting.Remove(planned.Layer.Name, out var weight))
            {
                saver.Add(weight);
            }
        }
    }

    public void Dispose()
    {
        foreach (var weight in _waiting.Values)
        {
            weight.Dispose();
        }
    }
}
