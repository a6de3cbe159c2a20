namespace OneComp.Models.Architectures;

/// <summary>In what a decoder block differs from the plain one.</summary>
internal sealed record BlockTraits
{
    /// <summary>q_proj, k_proj and v_proj have biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>o_proj has a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>gate_proj, up_proj and down_proj have biases.</summary>
    public bool MlpBias { get; init; }

    /// <summary>Queries and keys are normed per head, before the rotary embedding.</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>Keys a query sees, itself included; null for all before it.</summary>
    public int? SlidingWindow { get; init; }
}
