using System.Numerics;
using System.Runtime.CompilerServices;

namespace OneComp.Quantization.Grids;

/// <summary>xᵖ of many numbers at once, for the search of ranges, which spends its time there: several times as fast as exponent and logarithm of the runtime.</summary>
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
    public static Vector<float> Of(Vector<float> x, Vector<float> power) => Exp2(Log2(x) * power);

    // x = 2ᵉ·m with m from √½ to √2; ln m = 2·artanh s with s = (m - 1)/(m + 1), by its series to s⁹ (what follows is below 1e-9).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Log2(Vector<float> x)
    {
        var bits = Vector.AsVectorInt32(x) - new Vector<int>(RootOfHalf);
        var exponent = Vector.ConvertToSingle(Vector.ShiftRightArithmetic(bits, MantissaBits));
        var m = Vector.AsVectorSingle((bits & new Vector<int>((1 << MantissaBits) - 1)) + new Vector<int>(RootOfHalf));
        var s = (m - Vector<float>.One) / (m + Vector<float>.One);
        var square = s * s;
        var series = Vector.FusedMultiplyAdd(square, new Vector<float>(TwoOverLn2 / 9), new Vector<float>(TwoOverLn2 / 7));
        series = Vector.FusedMultiplyAdd(series, square, new Vector<float>(TwoOverLn2 / 5));
        series = Vector.FusedMultiplyAdd(series, square, new Vector<float>(TwoOverLn2 / 3));
        series = Vector.FusedMultiplyAdd(series, square, new Vector<float>(TwoOverLn2));
        return Vector.FusedMultiplyAdd(series, s, exponent);
    }

    // 2ʸ = 2ⁿ·2ᶠ with f from -½ to ½, by the series (ln 2)ᵏ/k! to f⁶ (what follows is below 2e-7).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Exp2(Vector<float> y)
    {
        y = Vector.Max(y, new Vector<float>(1 - ExponentBias));
        var whole = Vector.Round(y);
        var f = y - whole;
        var series = Vector.FusedMultiplyAdd(f, new Vector<float>(1.5403530e-4f), new Vector<float>(1.3333558e-3f));
        series = Vector.FusedMultiplyAdd(series, f, new Vector<float>(9.6181291e-3f));
        series = Vector.FusedMultiplyAdd(series, f, new Vector<float>(5.5504109e-2f));
        series = Vector.FusedMultiplyAdd(series, f, new Vector<float>(0.24022651f));
        series = Vector.FusedMultiplyAdd(series, f, new Vector<float>(0.69314718f));
        series = Vector.FusedMultiplyAdd(series, f, Vector<float>.One);
        return series * Vector.AsVectorSingle(Vector.ShiftLeft(Vector.ConvertToInt32(whole) + new Vector<int>(ExponentBias), MantissaBits));
    }
}
