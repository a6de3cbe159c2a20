using System.Buffers.Binary;
using System.Runtime.InteropServices;
using static OneComp.Export.Gguf.GgufTensorTypes;

namespace OneComp.Export.Gguf;

/// <summary>A row of numbers as F32, F16 or rounded to Q8_0.</summary>
internal static class FloatRows
{
    private const float LargestCode = 127;

    /// <summary>Writes one row.</summary>
    /// <returns>False where a value does not fit half precision.</returns>
    public static bool Write(GgufTensorType type, ReadOnlySpan<float> values, Span<byte> output)
    {
        switch (type)
        {
            case GgufTensorType.F32:
                MemoryMarshal.AsBytes(values).CopyTo(output);
                return true;
            case GgufTensorType.F16:
                return WriteHalves(values, MemoryMarshal.Cast<byte, Half>(output));
            case GgufTensorType.Q8_0:
                var fits = true;
                for (var block = 0; block < values.Length / BlockLength; block++)
                {
                    fits &= WriteBlock(values.Slice(block * BlockLength, BlockLength), output.Slice(block * type.BlockBytes(), type.BlockBytes()));
                }

                return fits;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "numbers are not rounded to it");
        }
    }

    private static bool WriteHalves(ReadOnlySpan<float> values, Span<Half> halves)
    {
        var fits = true;
        for (var i = 0; i < values.Length; i++)
        {
            halves[i] = (Half)values[i];
            fits &= Half.IsFinite(halves[i]);
        }

        return fits;
    }

    // The nearest multiples of the scale as it is stored.
    private static bool WriteBlock(ReadOnlySpan<float> values, Span<byte> block)
    {
        var most = 0f;
        foreach (var value in values)
        {
            most = Math.Max(most, Math.Abs(value));
        }

        var scale = (Half)(most / LargestCode);
        BinaryPrimitives.WriteHalfLittleEndian(block, scale);
        var inverse = scale == (Half)0 ? 0 : 1 / (float)scale;
        for (var i = 0; i < values.Length; i++)
        {
            block[2 + i] = (byte)(sbyte)Math.Clamp(MathF.Round(values[i] * inverse), -LargestCode, LargestCode);
        }

        return Half.IsFinite(scale);
    }
}
