namespace OneComp.Formats;

/// <summary>How a quantized folder holds one layer.</summary>
public sealed record QuantizedLayerInfo
{
    /// <summary>Folder of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Full name: <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public required string Layer { get; init; }

    /// <summary>Index of the decoder block; -1 outside the blocks.</summary>
    public required int Block { get; init; }

    /// <summary>Name inside the block: <c>self_attn.q_proj</c>.</summary>
    public required string Module { get; init; }

    /// <summary>gptq, dbf or compressed-tensors.</summary>
    public required string Method { get; init; }

    /// <summary>Bits of a code; of DBF, bits of signs for each weight.</summary>
    public required double Bits { get; init; }

    /// <summary>Weights of a row that share a scale; -1 for a whole row.</summary>
    public required int GroupSize { get; init; }

    /// <summary>Whether every zero point is 2^(b-1); null for a layer without grids (DBF).</summary>
    public required bool? Symmetric { get; init; }

    /// <summary>Whether columns are in another order than their groups; null for a layer without grids (DBF).</summary>
    public required bool? ActOrder { get; init; }

    /// <summary>Columns of the weight (d_in).</summary>
    public required int InFeatures { get; init; }

    /// <summary>Rows of the weight (d_out).</summary>
    public required int OutFeatures { get; init; }

    /// <summary>Elements of the weight.</summary>
    public long Parameters => (long)InFeatures * OutFeatures;

    /// <summary>Bits of the layer's tensors in the file for each weight.</summary>
    public required double StoredBits { get; init; }
}
