using OneComp.Models;
using static TorchSharp.torch;

namespace OneComp.Pipeline;

/// <summary>
/// A model's blocks in order. While one is worked on, the next is read, converted and copied to the device in the background: two
/// blocks are in memory, never more.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="device">Where to compute.</param>
/// <param name="type">What to compute in.</param>
/// <param name="first">The block to begin with.</param>
internal sealed class BlocksAhead(CausalModel model, Device device, ScalarType type, int first = 0) : IDisposable
{
    private int _index = first;
    private Task<DecoderBlock>? _next;

    /// <summary>The next block, the first at the first call. The caller owns it.</summary>
    /// <exception cref="ModelException">A tensor is missing, of another shape or type than expected, or not finite.</exception>
    public DecoderBlock Take()
    {
        var taken = _next ?? Start(_index);
        _next = null;
        var block = taken.GetAwaiter().GetResult();
        _index++;
        _next = _index < model.Config.NumLayers ? Start(_index) : null;
        return block;
    }

    /// <summary>Starts on the first block before it is asked for.</summary>
    public void Begin() => _next ??= _index < model.Config.NumLayers ? Start(_index) : null;

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

    private Task<DecoderBlock> Start(int index) => Task.Run(() => model.LoadBlock(index, device, type));
}
