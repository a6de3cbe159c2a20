namespace OneComp.Estimation;

/// <summary>A size over bits per weight: known at whole bits from 2 to 8, straight between them, and going on so beyond.</summary>
internal sealed class BitCurve
{
    /// <summary>Fewest bits of a code.</summary>
    public const int Least = 2;

    /// <summary>Most bits of a code.</summary>
    public const int Most = 8;

    private readonly double[] _sizes;

    /// <param name="sizeAt">The size at whole bits; grows with them.</param>
    public BitCurve(Func<int, double> sizeAt) => _sizes = [.. Enumerable.Range(Least, Most - Least + 1).Select(sizeAt)];

    /// <summary>The size at so many bits.</summary>
    public double At(double bits)
    {
        var lower = Math.Clamp((int)Math.Floor(bits), Least, Most - 1) - Least;
        return _sizes[lower] + ((bits - lower - Least) * (_sizes[lower + 1] - _sizes[lower]));
    }

    /// <summary>The bits that take so much; below 0 where nothing fits.</summary>
    public double BitsFor(double size)
    {
        var above = Array.FindIndex(_sizes, known => known >= size);
        var lower = Math.Clamp((above < 0 ? _sizes.Length : above) - 1, 0, _sizes.Length - 2);
        return Least + lower + ((size - _sizes[lower]) / (_sizes[lower + 1] - _sizes[lower]));
    }
}
