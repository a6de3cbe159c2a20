using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OneComp.Quantization.Grids;

/// <summary>xᵖ of many numbers at once, for the search of ranges, which spends its time there; the exponent and logarithm of the runtime take longer.</summary>
internal static class VectorPower
{
    private const float TwoOverLn2 = 2.88539008f;
    private const int RootOfHalf = 0x3f3504f3; // its bits
    private const int MantissaBits = 23;
    private const int ExponentBias = 127;

    /// <summary>xᵖ within a millionth or, for far powers, a few of them; where it is below the smallest normal float32, that or 0.</summary>
    /// <param name="x">At least 0, finite.</param>
    /// <param name="power">Above 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x, Vector512<float> power) => Exp2(Log2(x) * power);

    // x = 2ᵉ·m with m from √½ to √2; ln m = 2·artanh s with s = (m - 1)/(m + 1), by its series to s⁹ (what follows is below 1e-9).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Log2(Vector512<float> x)
    {
        var bits = x.AsInt32() - Vector512.Create(RootOfHalf);
        var exponent = Vector512.ConvertToSingle(Vector512.ShiftRightArithmetic(bits, MantissaBits));
        var m = ((bits & Vector512.Create((1 << MantissaBits) - 1)) + Vector512.Create(RootOfHalf)).AsSingle();
        var s = (m - Vector512<float>.One) / (m + Vector512<float>.One);
        var square = s * s;
        var series = Vector512.FusedMultiplyAdd(square, Vector512.Create(TwoOverLn2 / 9), Vector512.Create(TwoOverLn2 / 7));
        series = Vector512.FusedMultiplyAdd(series, square, Vector512.Create(TwoOverLn2 / 5));
        series = Vector512.FusedMultiplyAdd(series, square, Vector512.Create(TwoOverLn2 / 3));
        series = Vector512.FusedMultiplyAdd(series, square, Vector512.Create(TwoOverLn2));
        return Vector512.FusedMultiplyAdd(series, s, exponent);
    }

    // 2ʸ = 2ⁿ·2ᶠ with f from -½ to ½, by the series (ln 2)ᵏ/k! to f⁶ (what follows is below 2e-7).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exp2(Vector512<float> y)
    {
        y = Vector512.MaxNative(y, Vector512.Create(1f - ExponentBias));
        var whole = Vector512.Round(y);
        var f = y - whole;
        var series = Vector512.FusedMultiplyAdd(f, Vector512.Create(1.5403530e-4f), Vector512.Create(1.3333558e-3f));
        series = Vector512.FusedMultiplyAdd(series, f, Vector512.Create(9.6181291e-3f));
        series = Vector512.FusedMultiplyAdd(series, f, Vector512.Create(5.5504109e-2f));
        series = Vector512.FusedMultiplyAdd(series, f, Vector512.Create(0.24022651f));
        series = Vector512.FusedMultiplyAdd(series, f, Vector512.Create(0.69314718f));
        series = Vector512.FusedMultiplyAdd(series, f, Vector512<float>.One);
        return series * Vector512.ShiftLeft(Vector512.ConvertToInt32Native(whole) + Vector512.Create(ExponentBias), MantissaBits).AsSingle();
    }
}
