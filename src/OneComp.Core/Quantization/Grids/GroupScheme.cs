using OneComp.Models;

namespace OneComp.Quantization.Grids;

/// <summary>Integer codes on an even grid for each group of a row's weights: what GPTQ and RTN make.</summary>
/// <param name="CodeBits">Bits of a code.</param>
/// <param name="GroupSize">Weights of a row that share a scale and zero point; -1 for the whole row.</param>
/// <param name="Symmetric">True when the zero point is always 2^(b-1).</param>
public sealed record GroupScheme(int CodeBits, int GroupSize, bool Symmetric) : LayerScheme
{
    /// <inheritdoc/>
    public override double Bits => CodeBits;

    /// <inheritdoc/>
    public override int GroupSize { get; init; } = GroupSize;

    /// <summary>Largest code.</summary>
    public int MaxCode => (1 << CodeBits) - 1;

    /// <summary>Sizes up to this have a scale that float16 holds, whatever the group: the range is at most twice the size, and 1 code less than whole.</summary>
    public double MostWeight => (double)Half.MaxValue * (MaxCode - 1) / 2;

    /// <summary>Weights that share a scale in a row of <paramref name="inFeatures"/>.</summary>
    public int GroupLength(int inFeatures) => GroupSize == -1 ? inFeatures : Math.Min(GroupSize, inFeatures);

    /// <summary>Scales in a row of <paramref name="inFeatures"/>.</summary>
    public int GroupCount(int inFeatures) => (inFeatures + GroupLength(inFeatures) - 1) / GroupLength(inFeatures);

    /// <summary>Codes, and for each group a 16-bit scale and a zero point of <see cref="CodeBits"/>.</summary>
    public override double EffectiveBits(LinearLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return Quantization.EffectiveBits.Of(CodeBits, GroupSize, layer.InFeatures);
    }
}
