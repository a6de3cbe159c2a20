using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OneComp.Quantization.Grids;

/// <summary>A grid that 16 weights at once are rounded to, to see what that costs. Weights are finite.</summary>
internal readonly struct VectorGrid(float scale, float zero, RangeSearch search)
{
    private readonly Vector512<float> _step = Vector512.Create(scale);
    private readonly Vector512<float> _low = Vector512.Create(-zero);
    private readonly Vector512<float> _high = Vector512.Create(search.Scheme.MaxCode - zero);
    private readonly Vector512<float> _norm = Vector512.Create((float)search.Norm);
    private readonly bool _isSquare = search.Norm == 2;

    /// <summary>|w - ŵ|^norm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Error(Vector512<float> weights)
    {
        var code = Vector512.MinNative(Vector512.MaxNative(Vector512.Round(weights / _step), _low), _high);
        var distance = Vector512.Abs(weights - (code * _step));
        return _isSquare ? distance * distance : VectorPower.Of(distance, _norm);
    }
}
