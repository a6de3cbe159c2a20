namespace OneComp.Models;

/// <summary>The four places of a decoder block where linear layers read one shared input.</summary>
public enum BlockStage
{
    /// <summary>norm(x) → q_proj, k_proj, v_proj.</summary>
    AttentionInput = 1,

    /// <summary>attention(q, k, v) → o_proj.</summary>
    AttentionOutput = 2,

    /// <summary>norm(x + o) → gate_proj, up_proj.</summary>
    MlpInput = 3,

    /// <summary>act(gate)·up → down_proj.</summary>
    MlpOutput = 4,
}
