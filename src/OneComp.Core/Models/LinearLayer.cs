namespace OneComp.Models;

/// <summary>A linear layer: y = W·x + b with W of shape (d_out, d_in).</summary>
/// <param name="Name">Full name: <c>model.layers.0.self_attn.q_proj</c>.</param>
/// <param name="Block">Index of the decoder block; -1 outside the blocks.</param>
/// <param name="Module">Name inside the block: <c>self_attn.q_proj</c>; outside the blocks the full name.</param>
/// <param name="Stage">The stage whose input it reads; null outside the blocks.</param>
/// <param name="InFeatures">d_in.</param>
/// <param name="OutFeatures">d_out.</param>
/// <param name="HasBias">Whether it has a bias.</param>
public sealed record LinearLayer(
    string Name, int Block, string Module, BlockStage? Stage, int InFeatures, int OutFeatures, bool HasBias)
{
    /// <summary>Name of the weight in the checkpoint.</summary>
    public string WeightName => $"{Name}.weight";

    /// <summary>Name of the bias in the checkpoint.</summary>
    public string BiasName => $"{Name}.bias";

    /// <summary>Elements of the weight.</summary>
    public long WeightCount => (long)InFeatures * OutFeatures;
}
