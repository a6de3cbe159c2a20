using OneComp.Models;
using OneComp.Quantization.Grids;

namespace OneComp.Formats;

/// <summary>What a layer's codes mean: ŵ = scale · (code - zero), with the scale and zero point of the column's group.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Bits">Bits of a code.</param>
/// <param name="Groups">Groups in a row.</param>
/// <param name="Scales">(d_out, groups), row-major.</param>
/// <param name="Zeros">(d_out, groups), row-major; 0 to 2^b.</param>
/// <param name="GroupIndex">The group of each column.</param>
/// <param name="GroupSize">Columns of a group as config.json has it; null where it does not say.</param>
internal sealed record LayerGrid(LinearLayer Layer, int Bits, int Groups, float[] Scales, short[] Zeros, int[] GroupIndex, int? GroupSize)
{
    private GroupScheme? _scheme;

    /// <summary>Bits, group size and symmetry, as the tensors have them.</summary>
    public GroupScheme Scheme => _scheme ??= new GroupScheme(Bits, FindGroupSize(), IsSymmetric);

    /// <summary>True where every zero point is 2^(b-1).</summary>
    public bool IsSymmetric => !Zeros.AsSpan().ContainsAnyExcept((short)(1 << (Bits - 1)));

    /// <summary>True where columns lie in the order of their groups, as they do unless act-order moved them.</summary>
    public bool IsInOrder
    {
        get
        {
            var length = Scheme.GroupLength(Layer.InFeatures);
            return !GroupIndex.Where((group, column) => group != column / length).Any();
        }
    }

    /// <summary>Least and greatest value of code - zero.</summary>
    public (int Least, int Most) Range => (-Zeros.Max(), (1 << Bits) - 1 - Zeros.Min());

    /// <summary>The group of each column where no tensor gives it.</summary>
    public static int[] NaturalOrder(int columns, int groups, int? groupSize)
    {
        var length = groupSize is > 0 and var size && (columns + size - 1) / size == groups ? size : (columns + groups - 1) / groups;
        return [.. Enumerable.Range(0, columns).Select(column => column / length)];
    }

    // The fullest group has the size; only the last may have fewer columns.
    private int FindGroupSize()
    {
        if (GroupSize is { } given && new GroupScheme(Bits, given, true).GroupCount(Layer.InFeatures) == Groups)
        {
            return given;
        }

        return Groups == 1 ? -1 : GroupIndex.CountBy(group => group).Max(pair => pair.Value);
    }
}
