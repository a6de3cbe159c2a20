namespace OneComp.Formats;

/// <summary>What a quantized folder holds.</summary>
public sealed record QuantizedModelInfo
{
    /// <summary>Folder of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Its architecture: <c>LlamaForCausalLM</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>quant_method of config.json: gptq, mixed_gptq, dbf, mixed_dbf or compressed-tensors.</summary>
    public required string Method { get; init; }

    /// <summary>Quantized layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Linear layers that are not quantized, the head among them where it has a tensor of its own.</summary>
    public required int PlainLayers { get; init; }

    /// <summary>Bits and how many layers have them: <c>3: 18, 4: 24</c>.</summary>
    public required string Bits { get; init; }

    /// <summary>Group sizes in use: <c>128</c>; -1 for whole rows.</summary>
    public required string GroupSize { get; init; }

    /// <summary>Bits of the quantized layers' tensors for each of their weights, g_idx among them.</summary>
    public required double StoredBits { get; init; }

    /// <summary>Parameters of the model.</summary>
    public required long Parameters { get; init; }

    /// <summary>Bytes of the weight files.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bits of the weight files for each parameter of the model.</summary>
    public double BitsPerWeight => 8.0 * Bytes / Parameters;
}
