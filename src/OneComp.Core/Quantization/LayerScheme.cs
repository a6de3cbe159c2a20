using OneComp.Models;

namespace OneComp.Quantization;

/// <summary>How one layer's weights are laid out once quantized. Each way of laying out is a record of its own.</summary>
public abstract record LayerScheme
{
    /// <summary>Bits per weight before scales and the like.</summary>
    public abstract double Bits { get; }

    /// <summary>Weights of a row that share a scale; -1 for a whole row.</summary>
    public abstract int GroupSize { get; init; }

    /// <summary>Bits per weight with everything counted that stands for the weight.</summary>
    public abstract double EffectiveBits(LinearLayer layer);
}
