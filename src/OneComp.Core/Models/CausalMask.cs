using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>Which keys a query sees where a window slides: itself and the window - 1 before it.</summary>
internal sealed class CausalMask(int? window, Device device) : IDisposable
{
    private Tensor? _mask; // Bool (T, T), true where seen, for the last length asked for

    /// <summary>The mask for a length; null where plain causal attention says the same. Borrowed.</summary>
    public Tensor? For(long length)
    {
        if (window is not { } keys || length <= keys)
        {
            return null;
        }

        if (_mask is null || _mask.shape[0] != length)
        {
            Dispose();
            using var scope = NewDisposeScope();
            _mask = ones([length, length], ScalarType.Bool, device).tril().triu(1 - keys).DetachFromDisposeScope();
        }

        return _mask;
    }

    public void Dispose() => _mask?.Dispose();
}
