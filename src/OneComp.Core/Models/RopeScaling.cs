namespace OneComp.Models;

/// <summary>Scaling of the rotary embedding's frequencies.</summary>
/// <param name="Kind">The rule.</param>
/// <param name="Factor">How much longer contexts become.</param>
/// <param name="LowFrequencyFactor">Llama3: waves longer than the original context divided by this are fully scaled.</param>
/// <param name="HighFrequencyFactor">Llama3: waves shorter than the original context divided by this are kept.</param>
/// <param name="OriginalMaxPositionEmbeddings">Llama3: the context trained on, in tokens.</param>
public sealed record RopeScaling(
    RopeScalingKind Kind,
    double Factor,
    double LowFrequencyFactor = 1,
    double HighFrequencyFactor = 1,
    int OriginalMaxPositionEmbeddings = 0);
