using System.Collections.Concurrent;
using System.Runtime.Intrinsics;

namespace OneComp.Quantization.Grids;

/// <summary>The shares of a range that a search tries, in order.</summary>
internal static class ShrinkShares
{
    private static readonly ConcurrentDictionary<int, float[]> ByGrid = [];

    /// <summary>One for each step, and the last one again up to a whole number of vectors.</summary>
    public static float[] Of(RangeSearch search) => ByGrid.TryGetValue(search.Grid, out var shares) ? shares : ByGrid.GetOrAdd(search.Grid, Make(search));

    private static float[] Make(RangeSearch search)
    {
        var lanes = Vector512<float>.Count;
        var count = (search.Steps + lanes - 1) / lanes * lanes;
        return [.. Enumerable.Range(0, count).Select(step => search.Share(Math.Min(step, search.Steps - 1)))];
    }
}
