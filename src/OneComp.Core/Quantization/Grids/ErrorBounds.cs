using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OneComp.Quantization.Grids;

/// <summary>
/// What the errors of 16 grids are at least, without a power for each weight. With Mₜ = Σ c·dᵗ over distances d = |w - ŵ|, ln Mₜ is convex in t
/// (Hölder, or Lyapunov's inequality), so that Mₚ ≥ M₂·(M₂/M₁)ᵖ⁻² for p ≥ 2 and Mₚ ≥ M₂·(M₂/M₃)²⁻ᵖ for p ≤ 2. For distances spread evenly
/// that is a twentieth below Mₚ at most for p from 1.3 to 2.6.
/// </summary>
internal readonly struct ErrorBounds
{
    private const int WeightsToFirstLook = 32;
    private const int WeightsToALook = 128;
    private const float Tiny = 1e-30f; // keeps ratios finite; a larger divisor only lowers the bound

    private readonly Vector512<float> _step;
    private readonly Vector512<float> _inverse;
    private readonly Vector512<float> _low;
    private readonly Vector512<float> _high;
    private readonly bool _isAboveTwo;
    private readonly Vector512<float> _power;

    /// <summary>The grids of shares of a range: those that <see cref="GroupRange.Grid"/> gives, to the bit.</summary>
    public ErrorBounds(float min, float max, Vector512<float> shares, RangeSearch search)
    {
        var maxCode = search.Scheme.MaxCode;
        var (low, high) = (Vector512.Create(min) * shares, Vector512.Create(max) * shares);
        var step = Bounded((high - low) / Vector512.Create((float)maxCode));
        var zero = Vector512.Create(search.SymmetricZero);
        if (!search.Scheme.Symmetric)
        {
            zero = Vector512.Round(-low / step);
            var isLow = Vector512.LessThan(zero, Vector512<float>.One);
            step = Vector512.ConditionalSelect(isLow, Bounded(high / Vector512.Create((float)(maxCode - 1))), step);
            zero = Vector512.MinNative(Vector512.MaxNative(zero, Vector512<float>.One), Vector512.Create((float)maxCode));
        }

        _step = step;
        _inverse = Vector512<float>.One / step;
        _low = -zero;
        _high = Vector512.Create((float)maxCode) - zero;
        _isAboveTwo = search.Norm >= 2;
        _power = Vector512.Create((float)Math.Abs(search.Norm - 2));
    }

    /// <summary>The bounds, (16); infinite for all where they come to exceed <paramref name="limit"/> on the way.</summary>
    /// <param name="weights">The weights of the group.</param>
    /// <param name="importance">What the error of each counts; empty where all count the same.</param>
    /// <param name="limit">What is too much.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Vector512<float> Of(ReadOnlySpan<float> weights, ReadOnlySpan<float> importance, float limit)
    {
        var (squares, others, bounds) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        for (int start = 0, count; start < weights.Length; start += count)
        {
            count = Math.Min(start == 0 ? WeightsToFirstLook : WeightsToALook, weights.Length - start); // far from the best grid the first look is the last
            var (moreSquares, moreOthers) = Moments(weights.Slice(start, count), importance.IsEmpty ? importance : importance.Slice(start, count));
            squares += moreSquares;
            others += moreOthers;
            bounds = Bound(squares, others);
            if (Vector512.GreaterThanAll(bounds, Vector512.Create(limit)))
            {
                return Vector512.Create(float.PositiveInfinity);
            }
        }

        return bounds;
    }

    /// <summary>M₂, and M₁ or M₃.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector512<float> Squares, Vector512<float> Others) Moments(ReadOnlySpan<float> weights, ReadOnlySpan<float> importance)
    {
        var (step, inverse, low, high) = (_step, _inverse, _low, _high);
        var (squares, others) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i < weights.Length; i++)
        {
            var weight = Vector512.Create(weights[i]);
            var code = Vector512.MinNative(Vector512.MaxNative(Vector512.Round(weight * inverse), low), high);
            var distance = Vector512.Abs(weight - (code * step));
            var counted = importance.IsEmpty ? distance : distance * Vector512.Create(importance[i]);
            var square = counted * distance;
            squares += square;
            others += _isAboveTwo ? counted : square * distance;
        }

        return (squares, others);
    }

    private Vector512<float> Bound(Vector512<float> squares, Vector512<float> others) =>
        squares * VectorPower.Of(squares / Vector512.MaxNative(others, Vector512.Create(Tiny)), _power);

    private static Vector512<float> Bounded(Vector512<float> scale) =>
        Vector512.MinNative(Vector512.MaxNative(scale, Vector512.Create(GroupRange.SmallestScale)), Vector512.Create((float)Half.MaxValue));
}
