namespace OneComp.Quantization;

/// <summary>How one layer's weights are laid out once quantized.</summary>
/// <param name="Bits">Bits of a code.</param>
/// <param name="GroupSize">Weights of a row that share a scale; -1 for the whole row.</param>
/// <param name="Symmetric">True when the zero point is always 2^(b-1).</param>
public sealed record LayerScheme(int Bits, int GroupSize, bool Symmetric)
{
    /// <summary>Largest code.</summary>
    public int MaxCode => (1 << Bits) - 1;

    /// <summary>Weights that share a scale in a row of <paramref name="inFeatures"/>.</summary>
    public int GroupLength(int inFeatures) => GroupSize == -1 ? inFeatures : Math.Min(GroupSize, inFeatures);

    /// <summary>Scales in a row of <paramref name="inFeatures"/>.</summary>
    public int GroupCount(int inFeatures) => (inFeatures + GroupLength(inFeatures) - 1) / GroupLength(inFeatures);

    /// <summary>Bits per weight with a 16-bit scale and a zero point of <see cref="Bits"/> for each group.</summary>
    public double EffectiveBits(int inFeatures) => Quantization.EffectiveBits.Of(Bits, GroupSize, inFeatures);
}
