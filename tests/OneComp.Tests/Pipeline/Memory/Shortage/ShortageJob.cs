namespace OneComp.Tests.Pipeline.Memory.Shortage;

/// <summary>What a moment belongs to.</summary>
internal enum ShortageJob
{
    /// <summary>A plan by AutoBit, rewritten windows, error propagation.</summary>
    Quantize,

    /// <summary>A uniform run without error propagation that is tuned.</summary>
    Tune,

    /// <summary>Perplexity.</summary>
    Perplexity,

    /// <summary>Divergence from the original.</summary>
    Divergence,
}
