namespace OneComp.Quantization.Grids;

/// <summary>How the scale and zero point of a group are chosen.</summary>
/// <param name="Scheme">Bits and symmetry.</param>
/// <param name="Mse">True to shrink the range where that lowers the error.</param>
/// <param name="Grid">Steps of the shrinking: ranges of 1 - i/Grid are tried for i below 0.8·Grid.</param>
/// <param name="Norm">Exponent of the error that shrinking minimises.</param>
internal sealed record RangeSearch(GroupScheme Scheme, bool Mse, int Grid, double Norm)
{
    private const double MaxShrink = 0.8;

    /// <summary>Ranges tried: 1 without shrinking.</summary>
    public int Steps => Mse ? Math.Max(1, (int)(MaxShrink * Grid)) : 1;

    /// <summary>Zero point of a symmetric grid: 2^(b-1).</summary>
    public float SymmetricZero => 1 << (Scheme.CodeBits - 1);

    /// <summary>The share of the range that step <paramref name="step"/> keeps.</summary>
    public float Share(int step) => (float)(1 - ((double)step / Grid));
}
