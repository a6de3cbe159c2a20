using OneComp.Errors;
using OneComp.Runtime.Teams;

namespace OneComp.Models;

/// <summary>
/// Blocks of a model one after the other. While one is worked on, the next is read, converted and copied to the device in the background: two
/// blocks are in memory, never more. Where two have no room, each is read when the one before it is gone, from then on.
/// </summary>
/// <param name="load">Loads a block by its index; called on another thread, and on the caller's where two have no room.</param>
/// <param name="order">The blocks to come.</param>
internal sealed class BlocksAhead(Func<int, DecoderBlock> load, IEnumerable<int> order) : IDisposable
{
    private readonly Queue<int> _order = new(order);
    private (int Index, Task<DecoderBlock> Task)? _next;
    private bool _waits;

    /// <summary>The next block. The caller owns it, and has none of those before it any more.</summary>
    /// <exception cref="ModelException">A tensor is missing, of another shape or type than expected, or not finite.</exception>
    /// <exception cref="InvalidOperationException">There is none left.</exception>
    public DecoderBlock Take()
    {
        Begin();
        if (_next is not var (index, task))
        {
            return _order.TryDequeue(out var waiting) ? load(waiting) : throw new InvalidOperationException("all blocks were taken");
        }

        _next = null;
        DecoderBlock block;
        try
        {
            block = task.GetAwaiter().GetResult();
        }
        catch (Exception exception) when (Outcome.IsOutOfMemory(exception))
        {
            _waits = true;
            block = load(index);
        }

        Begin();
        return block;
    }

    /// <summary>Starts on the next block before it is asked for.</summary>
    public void Begin()
    {
        if (_next is null && !_waits && _order.TryDequeue(out var index))
        {
            _next = (index, Task.Run(() => load(index)));
        }
    }

    /// <summary>Waits for what is being loaded and frees it; a fault of a block that nobody asked for is nobody's.</summary>
    public void Dispose()
    {
        try
        {
            _next?.Task.GetAwaiter().GetResult().Dispose();
        }
        catch (Exception exception) when (exception is OneCompException || TeamFaultException.IsOfDevice(exception))
        {
        }
    }
}
