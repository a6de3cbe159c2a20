using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OneComp.Quantization.Grids;

/// <summary>
/// Scale and zero point of one group of weights. The scale lies within the range of float16, to which it is rounded when the
/// layer is done (docs/adr/0004). Zero points are at least 1: a gptq checkpoint holds zero - 1 in b bits, and readers disagree on zero 0.
/// </summary>
internal static class GroupRange
{
    private const float CutOffMargin = 1.001f; // sums of vectors round otherwise than one weight's cost
    private const int VectorsToALook = 4; // adding up a vector takes as long as four of its errors
    private static readonly float SmallestScale = (float)Half.Epsilon;

    /// <summary>Finds the range of <paramref name="weights"/>.</summary>
    /// <param name="weights">The weights of the group.</param>
    /// <param name="search">How ranges are chosen.</param>
    /// <param name="importance">What the error of each weight counts in the search; empty where all count the same.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (float Scale, float Zero) Find(ReadOnlySpan<float> weights, RangeSearch search, ReadOnlySpan<float> importance = default)
    {
        var (min, max) = Extremes(weights, search.Scheme.Symmetric);
        if (!search.Mse)
        {
            return Grid(min, max, search);
        }

        var (farthest, counts) = Farthest(weights, importance);
        var best = (Scale: 0f, Zero: 0f);
        var (least, reach) = (float.PositiveInfinity, float.PositiveInfinity);
        for (var step = 0; step < search.Steps; step++)
        {
            var share = search.Share(step);
            var (scale, zero) = Grid(min * share, max * share, search);
            if (Distance(farthest, scale, zero, search) > reach)
            {
                continue;
            }

            var error = Error(weights, importance, scale, zero, search, least);
            if (error < least)
            {
                (least, best) = (error, (scale, zero));
                reach = MathF.Pow(least * CutOffMargin / counts, 1 / (float)search.Norm); // where the farthest weight alone costs as much
            }
        }

        return least < float.PositiveInfinity ? best : Grid(min, max, search);
    }

    /// <summary>The weight of largest size, and what its error counts.</summary>
    private static (float Weight, float Importance) Farthest(ReadOnlySpan<float> weights, ReadOnlySpan<float> importance)
    {
        var at = 0;
        for (var i = 1; i < weights.Length; i++)
        {
            at = MathF.Abs(weights[i]) > MathF.Abs(weights[at]) ? i : at;
        }

        return (weights[at], importance.IsEmpty ? 1 : importance[at]);
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

    private static (float Scale, float Zero) Grid(float min, float max, RangeSearch search)
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

    private static float Bounded(float scale) => Math.Clamp(scale, SmallestScale, (float)Half.MaxValue);

    /// <summary>Σ importance·|w - ŵ|^norm, given up once it exceeds <paramref name="limit"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // short calls by the hundred thousand, over before they would be compiled anew
    private static float Error(ReadOnlySpan<float> weights, ReadOnlySpan<float> importance, float scale, float zero, RangeSearch search, float limit)
    {
        var grid = new VectorGrid(scale, zero, search);
        var vectors = MemoryMarshal.Cast<float, Vector512<float>>(weights);
        var counts = MemoryMarshal.Cast<float, Vector512<float>>(importance);
        var sums = Vector512<float>.Zero;
        for (var i = 0; i < vectors.Length; i++)
        {
            var error = grid.Error(vectors[i]);
            sums += importance.IsEmpty ? error : error * counts[i];
            if (i % VectorsToALook == VectorsToALook - 1 && Vector512.Sum(sums) >= limit)
            {
                return float.PositiveInfinity;
            }
        }

        var done = vectors.Length * Vector512<float>.Count;
        if (done < weights.Length)
        {
            var error = grid.Error(Padded(weights[done..]));
            sums += importance.IsEmpty ? error : error * Padded(importance[done..]);
        }

        return Vector512.Sum(sums);
    }

    /// <summary>Fewer numbers than a vector has, and zeros, which every grid holds.</summary>
    private static Vector512<float> Padded(ReadOnlySpan<float> values)
    {
        Span<float> padded = stackalloc float[Vector512<float>.Count];
        padded.Clear();
        values.CopyTo(padded);
        return Vector512.Create<float>(padded);
    }

    /// <summary>|w - ŵ| of one weight.</summary>
    private static float Distance(float weight, float scale, float zero, RangeSearch search)
    {
        var code = Math.Clamp(MathF.Round(weight / scale) + zero, 0, search.Scheme.MaxCode);
        return MathF.Abs(weight - ((code - zero) * scale));
    }
}
