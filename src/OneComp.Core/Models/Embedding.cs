using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>The token embedding. Owns its weight.</summary>
public sealed class Embedding : IDisposable
{
    private readonly Tensor _weight; // (vocabulary, hidden)

    internal Embedding(Tensor weight) => _weight = weight;

    /// <summary>Looks token ids up.</summary>
    /// <param name="ids">(batch, tokens), int64, on any device (the check is cheapest on the CPU). The caller keeps it.</param>
    /// <returns>(batch, tokens, hidden). The caller owns it.</returns>
    /// <exception cref="ModelException">An id is outside the vocabulary.</exception>
    public Tensor Forward(Tensor ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        using var scope = NewDisposeScope();
        CheckRange(ids);
        var rows = _weight.index_select(0, ids.reshape(-1).to(_weight.device)); // (batch·tokens, hidden)
        return rows.reshape([.. ids.shape, _weight.shape[1]]).MoveToOuterDisposeScope();
    }

    /// <summary>Frees the weight.</summary>
    public void Dispose() => _weight.Dispose();

    /// <summary>On a GPU an id out of range would end the process's use of the device.</summary>
    private void CheckRange(Tensor ids)
    {
        var (least, most) = ids.aminmax();
        var outside = least.item<long>() < 0 ? least.item<long>() : most.item<long>();
        if (outside < 0 || outside >= _weight.shape[0])
        {
            throw new ModelException(
                ModelError.TokenIdOutOfRange, "ids",
                $"Token id {outside} is outside the model's vocabulary, expected 0 to {_weight.shape[0] - 1}. " +
                "The token ids come from another model's tokenizer.");
        }
    }
}
