using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>The final norm and the head. Owns its weights.</summary>
public sealed class OutputHead : IDisposable
{
    private readonly RmsNorm _norm;
    private readonly Tensor _weight; // (vocabulary, hidden)

    internal OutputHead(RmsNorm norm, Tensor weight)
    {
        _norm = norm;
        _weight = weight;
    }

    /// <summary>Type that the head computes in.</summary>
    internal ScalarType Type => _weight.dtype;

    /// <summary>Turns the last block's output into logits.</summary>
    /// <param name="hidden">(..., hidden). The caller keeps it.</param>
    /// <returns>(..., vocabulary), in the head's type. The caller owns it.</returns>
    public Tensor Forward(Tensor hidden)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        using var scope = NewDisposeScope();
        return nn.functional.linear(_norm.Forward(hidden, _weight.dtype), _weight).MoveToOuterDisposeScope();
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        _norm.Dispose();
        _weight.Dispose();
    }
}
