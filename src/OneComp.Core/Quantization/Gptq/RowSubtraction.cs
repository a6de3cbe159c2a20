using System.Numerics;
using System.Runtime.InteropServices;

namespace OneComp.Quantization.Gptq;

/// <summary>The inner step of the loops on the CPU.</summary>
internal static class RowSubtraction
{
    /// <summary>values -= factor · direction, over the length of <paramref name="values"/>.</summary>
    public static void Subtract(Span<float> values, ReadOnlySpan<float> direction, float factor)
    {
        var v = MemoryMarshal.Cast<float, Vector<float>>(values);
        var d = MemoryMarshal.Cast<float, Vector<float>>(direction);
        var f = new Vector<float>(factor);
        for (var i = 0; i < v.Length; i++)
        {
            v[i] -= f * d[i];
        }

        for (var i = v.Length * Vector<float>.Count; i < values.Length; i++)
        {
            values[i] -= factor * direction[i];
        }
    }
}
