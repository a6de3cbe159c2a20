using OneComp.Safetensors;

namespace OneComp.Models;

/// <summary>A linear layer of a model, for listing.</summary>
public sealed record LayerInfo
{
    /// <summary>Folder of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Full name: <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public required string Layer { get; init; }

    /// <summary>Index of the decoder block; -1 outside the blocks.</summary>
    public required int Block { get; init; }

    /// <summary>Name inside the block.</summary>
    public required string Module { get; init; }

    /// <summary>Columns of the weight (d_in).</summary>
    public required int InFeatures { get; init; }

    /// <summary>Rows of the weight (d_out).</summary>
    public required int OutFeatures { get; init; }

    /// <summary>Elements of the weight.</summary>
    public long Parameters => (long)InFeatures * OutFeatures;

    /// <summary>Type that the weight is stored in; null where it is quantized, or the folder has no weights.</summary>
    public DType? DType { get; init; }

    /// <summary>True for a layer with a bias.</summary>
    public required bool HasBias { get; init; }
}
