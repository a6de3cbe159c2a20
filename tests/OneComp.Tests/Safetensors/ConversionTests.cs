using System.Runtime.InteropServices;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Safetensors;

public sealed class ConversionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(DType.F16, 5, 10)]
    [InlineData(DType.BF16, 8, 7)]
    public void Every_half_value_becomes_exactly_its_float(DType type, int exponentBits, int mantissaBits)
    {
        ushort[] all = [.. Enumerable.Range(0, 65536).Select(i => (ushort)i)];

        float[] values = Read(type, [.. MemoryMarshal.AsBytes(all.AsSpan())], all.Length, (file, entry) => file.ReadSingle(entry));

        Assert.Equal(all.Length, values.Length);
        foreach (ushort bits in all)
        {
            float expected = Decode(bits, exponentBits, mantissaBits);
            if (float.IsNaN(expected)) Assert.True(float.IsNaN(values[bits]), $"{type} {bits:X4} is NaN, read as {values[bits]}");
            else Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(values[bits]));
        }
    }

    [Fact]
    public void Float_values_keep_their_bits()
    {
        float[] values = [0f, -0f, 1.5f, float.Epsilon, float.MaxValue, float.NegativeInfinity, float.NaN];

        float[] read = Read(DType.F32, [.. MemoryMarshal.AsBytes(values.AsSpan())], values.Length, (file, entry) => file.ReadSingle(entry));

        Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), read.Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void Integers_of_32_and_64_bits_are_read()
    {
        int[] values = [.. Enumerable.Range(-10_000, 20_000), int.MinValue, int.MaxValue]; // over one piece of the conversion
        long[] wide = [.. values];

        Assert.Equal(values, Read(DType.I32, [.. MemoryMarshal.AsBytes(values.AsSpan())], values.Length, (f, e) => f.ReadInt32(e)));
        Assert.Equal(values, Read(DType.I64, [.. MemoryMarshal.AsBytes(wide.AsSpan())], wide.Length, (f, e) => f.ReadInt32(e)));
    }

    [Theory]
    [InlineData(int.MaxValue + 1L)]
    [InlineData(int.MinValue - 1L)]
    public void An_integer_beyond_32_bits_is_an_error_with_its_value(long value)
    {
        var error = Assert.Throws<SafetensorsException>(
            () => Read(DType.I64, BitConverter.GetBytes(value), 1, (file, entry) => file.ReadInt32(entry)));

        Assert.Equal("SafetensorsValueOutOfRange", error.ErrorId);
        Assert.Contains(value.ToString(System.Globalization.CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DType.I32)]
    [InlineData(DType.U8)]
    [InlineData(DType.Bool)]
    public void Other_types_are_not_read_as_floats(DType type)
    {
        var error = Assert.Throws<SafetensorsException>(
            () => Read(type, new byte[DTypes.SizeOf(type)], 1, (file, entry) => file.ReadSingle(entry)));

        Assert.Equal("SafetensorsDTypeUnexpected", error.ErrorId);
    }

    [Theory]
    [InlineData(DType.F32)]
    [InlineData(DType.U8)]
    public void Other_types_are_not_read_as_integers(DType type)
    {
        var error = Assert.Throws<SafetensorsException>(
            () => Read(type, new byte[DTypes.SizeOf(type)], 1, (file, entry) => file.ReadInt32(entry)));

        Assert.Equal("SafetensorsDTypeUnexpected", error.ErrorId);
    }

    private T Read<T>(DType type, byte[] data, int count, Func<SafetensorsFile, TensorEntry, T> read)
    {
        string path = _folder.File("values.safetensors");
        using (var writer = SafetensorsWriter.Create(path, [new TensorSpec("odd", DType.U8, [3]), new TensorSpec("values", type, [count])]))
        {
            writer.Write("odd", [1, 2, 3]); // puts the values at an odd address
            writer.Write("values", data);
            writer.Commit();
        }

        using var file = SafetensorsFile.Open(path);
        return read(file, file.Require("values"));
    }

    // By the definition of an IEEE-like format, in double precision, which holds every value exactly.
    private static float Decode(ushort bits, int exponentBits, int mantissaBits)
    {
        int bias = (1 << (exponentBits - 1)) - 1;
        int exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
        int mantissa = bits & ((1 << mantissaBits) - 1);
        double sign = bits >> 15 == 0 ? 1 : -1;
        if (exponent == (1 << exponentBits) - 1) return mantissa == 0 ? (float)(sign * double.PositiveInfinity) : float.NaN;
        double significand = exponent == 0 ? mantissa : mantissa + (1 << mantissaBits);
        return (float)(sign * Math.ScaleB(significand, Math.Max(exponent, 1) - bias - mantissaBits));
    }
}
