using OneComp.Models;

namespace OneComp.Quantization.Dbf;

/// <summary>The layout of a double binary factorization: diag(s4)·A·diag(s2)·B·diag(s0) with A and B of signs and fp16 scales.</summary>
/// <param name="TargetBits">Bits of A and B together for each weight; the inner width follows from it.</param>
public sealed record DbfScheme(double TargetBits) : LayerScheme
{
    private const long ScaleBits = 16;

    /// <inheritdoc/>
    public override double Bits => TargetBits;

    /// <summary>-1: scales stand for whole rows and columns.</summary>
    public override int GroupSize { get; init; } = -1;

    /// <summary>
    /// k, the columns of A and rows of B: ⌊t·d_out·d_in / (d_out + d_in)⌋ for t target bits, at least 1 and at most the smaller side.
    /// More than two bits for a square weight, less for others, are therefore out of reach and give that most.
    /// </summary>
    public int InnerFeatures(LinearLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        var width = Math.Floor(TargetBits * layer.WeightCount / ((long)layer.OutFeatures + layer.InFeatures));
        return (int)Math.Max(1, Math.Min(width, Math.Min(layer.OutFeatures, layer.InFeatures)));
    }

    /// <summary>What lies on the disk: the signs in whole bytes, and a 16-bit scale for each row, inner feature and column.</summary>
    public override double EffectiveBits(LinearLayer layer)
    {
        long inner = InnerFeatures(layer);
        var bits = WholeBytes(inner * layer.InFeatures) + WholeBytes(inner * layer.OutFeatures)
            + (ScaleBits * (layer.InFeatures + inner + layer.OutFeatures));
        return (double)bits / layer.WeightCount;
    }

    private static long WholeBytes(long bits) => (bits + 7) / 8 * 8;
}
