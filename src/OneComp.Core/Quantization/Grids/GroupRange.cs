using System.Runtime.CompilerServices;

namespace OneComp.Quantization.Grids;

/// <summary>
/// Scale and zero point of one group of weights. The scale lies within the range of float16, to which it is rounded when the
/// layer is done (docs/adr/0004). Zero points are at least 1: a gptq checkpoint holds zero - 1 in b bits, and readers disagree on zero 0.
/// </summary>
internal static class GroupRange
{
    /// <summary>The smallest scale.</summary>
    public static readonly float SmallestScale = (float)Half.Epsilon;

    /// <summary>Finds the range of <paramref name="weights"/>.</summary>
    /// <param name="weights">The weights of the group.</param>
    /// <param name="search">How ranges are chosen.</param>
    /// <param name="importance">What the error of each weight counts in the search; empty where all count the same.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (float Scale, float Zero) Find(ReadOnlySpan<float> weights, RangeSearch search, ReadOnlySpan<float> importance = default)
    {
        var (min, max) = Extremes(weights, search.Scheme.Symmetric);
        return search.Mse ? new ShrinkSearch(weights, importance, min, max, search).Find() : Grid(min, max, search);
    }

    /// <summary>The grid over a range that holds zero.</summary>
    public static (float Scale, float Zero) Grid(float min, float max, RangeSearch search)
    {
        var maxCode = search.Scheme.MaxCode;
        var scale = Bounded((max - min) / maxCode);
        if (search.Scheme.Symmetric)
        {
            return (scale, search.SymmetricZero);
        }

        var zero = MathF.Round(-min / scale);
        return zero >= 1 ? (scale, MathF.Min(zero, maxCode)) : (Bounded(max / (maxCode - 1)), 1);
    }

    /// <summary>The range with zero inside; ±max|w| for a symmetric grid; ±1 where all weights are zero.</summary>
    private static (float Min, float Max) Extremes(ReadOnlySpan<float> weights, bool symmetric)
    {
        float min = 0, max = 0;
        foreach (var weight in weights)
        {
            min = MathF.Min(min, weight);
            max = MathF.Max(max, weight);
        }

        if (symmetric)
        {
            max = MathF.Max(max, -min);
            min = -max;
        }

        return min == 0 && max == 0 ? (-1, 1) : (min, max);
    }

    private static float Bounded(float scale) => Math.Clamp(scale, SmallestScale, (float)Half.MaxValue);
}
