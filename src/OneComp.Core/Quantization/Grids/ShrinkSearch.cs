using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OneComp.Quantization.Grids;

/// <summary>
/// Finds the share of a group's range whose grid has the least Σ importance·|w - ŵ|^norm, of equal ones the largest. Powers take long: bounds of
/// all shares come first, 16 shares at once, and only the few shares that these do not rule out are measured.
/// </summary>
internal readonly ref struct ShrinkSearch
{
    private const float Margin = 1.001f; // what a bound may lie over an error by rounding, and more
    private const int MostOnStack = 1024;
    private const int VectorsToALook = 4; // adding up a vector takes as long as four of its errors

    private readonly ReadOnlySpan<float> _weights;
    private readonly ReadOnlySpan<float> _importance;
    private readonly float _min;
    private readonly float _max;
    private readonly RangeSearch _search;

    /// <param name="weights">The weights of the group.</param>
    /// <param name="importance">What the error of each weight counts; empty where all count the same.</param>
    /// <param name="min">The whole range's lower end, at most 0.</param>
    /// <param name="max">Its upper end.</param>
    /// <param name="search">How ranges are chosen.</param>
    public ShrinkSearch(ReadOnlySpan<float> weights, ReadOnlySpan<float> importance, float min, float max, RangeSearch search)
    {
        _weights = weights;
        _importance = importance;
        _min = min;
        _max = max;
        _search = search;
    }

    /// <summary>The best grid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (float Scale, float Zero) Find()
    {
        var (shares, steps) = (ShrinkShares.Of(_search), _search.Steps);
        var bounds = shares.Length <= MostOnStack ? stackalloc float[shares.Length] : new float[shares.Length];
        var (least, best) = (float.PositiveInfinity, 0);
        for (var first = 0; first < shares.Length; first += Vector512<float>.Count)
        {
            var some = new ErrorBounds(_min, _max, Vector512.Create(shares, first), _search).Of(_weights, _importance, least * Margin);
            some.CopyTo(bounds[first..]);
            if (Vector512.LessThanAny(some, Vector512.Create(least)))
            {
                var lowest = Math.Min(first + Lowest(some), steps - 1);
                var error = Error(shares[lowest], least); // a good one soon rules out most
                (least, best) = error < least ? (error, lowest) : (least, best);
            }
        }

        for (var step = 0; step < steps; step++)
        {
            if (step == best || bounds[step] > least * Margin)
            {
                continue;
            }

            var error = Error(shares[step], step < best ? MathF.BitIncrement(least) : least);
            if (error < least || (error == least && step < best))
            {
                (least, best) = (error, step);
            }
        }

        return least < float.PositiveInfinity ? GroupRange.Grid(_min * shares[best], _max * shares[best], _search) : GroupRange.Grid(_min, _max, _search);
    }

    private static int Lowest(Vector512<float> values)
    {
        var at = 0;
        for (var i = 1; i < Vector512<float>.Count; i++)
        {
            at = values[i] < values[at] ? i : at;
        }

        return at;
    }

    /// <summary>Σ importance·|w - ŵ|^norm, given up once it reaches <paramref name="limit"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // short calls by the hundred thousand, over before they would be compiled anew
    private float Error(float share, float limit)
    {
        var (scale, zero) = GroupRange.Grid(_min * share, _max * share, _search);
        var grid = new VectorGrid(scale, zero, _search);
        var vectors = MemoryMarshal.Cast<float, Vector512<float>>(_weights);
        var counts = MemoryMarshal.Cast<float, Vector512<float>>(_importance);
        var sums = Vector512<float>.Zero;
        for (var i = 0; i < vectors.Length; i++)
        {
            var error = grid.Error(vectors[i]);
            sums += counts.IsEmpty ? error : error * counts[i];
            if (i % VectorsToALook == VectorsToALook - 1 && Vector512.Sum(sums) >= limit)
            {
                return float.PositiveInfinity;
            }
        }

        var done = vectors.Length * Vector512<float>.Count;
        if (done < _weights.Length)
        {
            var error = grid.Error(Padded(_weights[done..]));
            sums += _importance.IsEmpty ? error : error * Padded(_importance[done..]);
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
}
