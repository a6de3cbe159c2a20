namespace OneComp.Models;

/// <summary>
/// Blocks of a model one after the other. While one is worked on, the next is read, converted and copied to the device in the background: two
/// blocks are in memory, never more.
/// </summary>
/// <param name="load">Loads a block by its index; called on another thread.</param>
/// <param name="order">The blocks to come.</param>
internal sealed class BlocksAhead(Func<int, DecoderBlock> load, IEnumerable<int> order) : IDisposable
{
    private readonly Queue<int> _order = new(order);
    private Task<DecoderBlock>? _next;

    /// <summary>The next block. The caller owns it.</summary>
    /// <exception cref="ModelException">A tensor is missing, of another shape or type than expected, or not finite.</exception>
    /// <exception cref="InvalidOperationException">There is none left.</exception>
    public DecoderBlock Take()
    {
        Begin();
        var taken = _next ?? throw new InvalidOperationException("all blocks were taken");
        _next = null;
        var block = taken.GetAwaiter().GetResult();
        Begin();
        return block;
    }

    /// <summary>Starts on the next block before it is asked for.</summary>
    public void Begin()
    {
        if (_next is null && _order.TryDequeue(out var index))
        {
            _next = Task.Run(() => load(index));
        }
    }

    /// <summary>Waits for what is being loaded and frees it; a fault of a block that nobody asked for is nobody's.</summary>
    public void Dispose()
    {
        try
        {
            _next?.GetAwaiter().GetResult().Dispose();
        }
        catch (Errors.OneCompException)
        {
        }
    }
}
