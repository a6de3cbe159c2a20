namespace OneComp.Quantization;

/// <summary>One row of a plan: how a linear layer is to be quantized, and what that costs. Layers without a row stay as they are.</summary>
public sealed record LayerAssignment
{
    /// <summary>Full name: <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public required string Layer { get; init; }

    /// <summary>Index of the decoder block; -1 outside the blocks.</summary>
    public required int Block { get; init; }

    /// <summary>Name inside the block: <c>self_attn.q_proj</c>.</summary>
    public required string Module { get; init; }

    /// <summary>Columns of the weight (d_in).</summary>
    public required int InFeatures { get; init; }

    /// <summary>Rows of the weight (d_out).</summary>
    public required int OutFeatures { get; init; }

    /// <summary>Elements of the weight.</summary>
    public long Parameters => (long)InFeatures * OutFeatures;

    /// <summary>Name of the quantizer: <c>GPTQ_3bit_gs128</c>.</summary>
    public required string Quantizer { get; init; }

    /// <summary>Bits of a code.</summary>
    public required double Bits { get; init; }

    /// <summary>Bits per weight with scales and zero points counted.</summary>
    public required double EffectiveBits { get; init; }

    /// <summary>Weights that share a scale; -1 for a whole row.</summary>
    public required int GroupSize { get; init; }

    /// <summary>The candidate's cost in the plan; NaN where the strategy rates none.</summary>
    public required double Error { get; init; }

    /// <summary>The budget of the plan as given, in bits per weight; null where there was none. Tells plans of one curve apart.</summary>
    public double? TargetBit { get; init; }

    /// <summary>What each candidate costs here, in short: <c>GPTQ_2bit_gs128=1.2e-05; GPTQ_3bit_gs128=...</c>; null where none was rated.</summary>
    public string? Costs { get; init; }

    /// <summary>Σ (W - Ŵ)² after quantizing with CalcQuantError; null otherwise.</summary>
    public double? WeightError { get; init; }

    /// <summary>Mean over calibration tokens of ‖Wx - Ŵx‖² after quantizing with CalcQuantError; null otherwise.</summary>
    public double? OutputError { get; init; }

    /// <summary>The plan that the row belongs to; null for a row that was put together by hand.</summary>
    internal AssignmentSummary? Plan { get; init; }
}
