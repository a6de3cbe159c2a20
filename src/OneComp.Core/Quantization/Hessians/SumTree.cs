using System.Numerics;
using static TorchSharp.torch;

namespace OneComp.Quantization.Hessians;

/// <summary>
/// A sum over batches whose additions make a fixed tree, so that its last bits do not depend on how many devices share the batches
/// (docs/adr/0034). Batches are divided into leaves; those of a leaf are added up one after the other, leaves in pairs. A device of 2, 4 or 8 has
/// a whole subtree. Owns its tensors.
/// </summary>
/// <remarks>
/// Two sums that lie side by side become one as soon as a batch comes from outside the smallest subtree that holds both: 1 + log2 of the leaves are held
/// at most, whatever order leaves come in. Leaves without batches are passed over, which changes nothing: they would be nil.
/// </remarks>
/// <param name="zeros">The sum before anything is added. Taken over.</param>
internal sealed class SumTree(Tensor zeros) : IDisposable
{
    private readonly List<(int? Leaf, Tensor Sum)> _held = [(null, zeros.DetachFromDisposeScope())]; // by any leaf of what each is the sum of; null before the first

    /// <summary>Called before a sum is made; tests make memory run out with it.</summary>
    public Action? BeforeNew { get; init; }

    /// <summary>Sums held now.</summary>
    public int Held => _held.Count;

    /// <summary>Where it is.</summary>
    public Device Device => _held[0].Sum.device;

    /// <summary>Type of the sums.</summary>
    public ScalarType Type => _held[0].Sum.dtype;

    /// <summary>The leaf of a batch: leaves have equal runs of batches.</summary>
    /// <param name="batch">The batch, from 0.</param>
    /// <param name="batches">Batches on all devices.</param>
    /// <param name="leaves">Leaves of the tree, a power of two.</param>
    public static int LeafOf(int batch, int batches, int leaves) => (int)((long)batch * leaves / batches);

    /// <summary>Most sums that a tree of so many leaves holds.</summary>
    public static int Depth(int leaves) => 1 + BitOperations.Log2((uint)leaves);

    /// <summary>
    /// What a batch of a leaf is to be added to. Borrowed until the next call. Where memory runs out the sums are what they were, and the call can be made again.
    /// </summary>
    public Tensor At(int leaf)
    {
        if (_held[^1].Leaf is null)
        {
            _held[^1] = (leaf, _held[^1].Sum);
        }

        if (_held[^1].Leaf == leaf)
        {
            return _held[^1].Sum;
        }

        Tensor? free = null;
        while (_held.Count > 1 && Height(_held[^2].Leaf!.Value, _held[^1].Leaf!.Value) <= Height(_held[^1].Leaf!.Value, leaf))
        {
            free?.Dispose();
            free = Join();
        }

        if (free is null)
        {
            BeforeNew?.Invoke();
            free = zeros_like(_held[^1].Sum).DetachFromDisposeScope();
        }
        else
        {
            free.zero_();
        }

        _held.Add((leaf, free));
        return free;
    }

    /// <summary>The sum of all that was added; the others are freed. Borrowed. Takes no memory.</summary>
    public Tensor Whole()
    {
        while (_held.Count > 1)
        {
            Join().Dispose();
        }

        return _held[0].Sum;
    }

    public void Dispose()
    {
        foreach (var (_, sum) in _held)
        {
            sum.Dispose();
        }
    }

    // Levels from two leaves up to what holds both.
    private static int Height(int left, int right) => 32 - BitOperations.LeadingZeroCount((uint)(left ^ right));

    /// <summary>Adds the last sum to the one before it. The caller owns what is left over.</summary>
    private Tensor Join()
    {
        var (leaf, last) = _held[^1];
        SumPanels.Add(_held[^2].Sum, last);
        _held.RemoveAt(_held.Count - 1);
        _held[^1] = (leaf, _held[^1].Sum);
        return last;
    }
}
