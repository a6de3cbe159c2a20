using System.Collections.Concurrent;
using TorchSharp;

namespace OneComp.Runtime.Cuda;

/// <summary>What is made at the first call for each GPU and kept for the life of the process. Where that throws, the next call tries again: memory may be free by then.</summary>
/// <param name="make">Makes it for a GPU by its ordinal; called once at a time for each.</param>
internal sealed class OncePerGpu<T>(Func<int, T> make)
{
    private readonly ConcurrentDictionary<int, Lazy<T>> _made = [];

    /// <summary>That of a device.</summary>
    public T Of(torch.Device device)
    {
        var ordinal = Math.Max(device.index, 0);
        var made = _made.GetOrAdd(ordinal, key => new(() => make(key)));
        try
        {
            return made.Value;
        }
        catch
        {
            _made.TryRemove(KeyValuePair.Create(ordinal, made)); // which would throw the same for good
            throw;
        }
    }
}
