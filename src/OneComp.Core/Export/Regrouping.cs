using OneComp.Quantization.Grids;
using static TorchSharp.torch;

namespace OneComp.Export;

/// <summary>Divides groups: each part keeps its group's scale and zero point, so that no weight changes.</summary>
internal static class Regrouping
{
    /// <summary>The same weight under a scheme of smaller groups, without copying its codes; null where the scheme is its own.</summary>
    /// <param name="weight">Columns in the order of their groups, unless the scheme is its own; borrowed.</param>
    /// <param name="scheme">Groups that none of the weight's own borders cut.</param>
    public static GroupedWeight? Of(GroupedWeight weight, GroupScheme scheme)
    {
        var columns = weight.Layer.InFeatures;
        var (from, to) = (weight.Scheme.GroupLength(columns), scheme.GroupLength(columns));
        if (from == to)
        {
            return null;
        }

        var groups = scheme.GroupCount(columns);
        using var scope = NewDisposeScope();
        var source = tensor(Enumerable.Range(0, groups).Select(group => (long)group * to / from).ToArray(), device: weight.Scales.device);
        return new GroupedWeight(
            weight.Layer,
            scheme,
            weight.Codes.alias().DetachFromDisposeScope(),
            weight.Scales.index_select(1, source).DetachFromDisposeScope(),
            weight.Zeros.index_select(1, source).DetachFromDisposeScope(),
            [.. Enumerable.Range(0, columns).Select(column => column / to)]);
    }

    /// <summary>The largest group size that the row holds without remainder on each of so many GPUs and that a group holds evenly.</summary>
    /// <param name="columns">d_in.</param>
    /// <param name="length">Columns of a group now.</param>
    /// <param name="parts">GPUs that divide the row.</param>
    /// <returns>0 where there is none but 1.</returns>
    public static int LargestFitting(int columns, int length, int parts)
    {
        // Borders lie at multiples of the length and at the row's end.
        var common = (int)System.Numerics.BigInteger.GreatestCommonDivisor(length, columns);
        for (var size = common; size > 1; size--)
        {
            if (common % size == 0 && columns % ((long)size * parts) == 0)
            {
                return size;
            }
        }

        return 0;
    }
}
