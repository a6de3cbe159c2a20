using System.Text.Json.Nodes;
using OneComp.Formats.Dbf;
using OneComp.Formats.Gptq;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Grids;
using OneComp.Safetensors;

namespace OneComp.Formats;

/// <summary>How a quantized weight is saved. One subclass for each way that weights are laid out.</summary>
internal abstract class LayerFormat
{
    /// <summary>The quant_method of a checkpoint of such layers alone, and the method of a layer in a mixed one.</summary>
    public abstract string Method { get; }

    /// <summary>The tensors that take the place of the layer's weight.</summary>
    public abstract IReadOnlyList<TensorSpec> Specs(LinearLayer layer, LayerScheme scheme);

    /// <summary>Writes one layer.</summary>
    /// <param name="weight">The layer; borrowed.</param>
    /// <param name="fileOf">The file that a tensor goes to.</param>
    public abstract void Write(QuantizedWeight weight, Func<string, SafetensorsWriter> fileOf);

    /// <summary>What quantization_bits says of a layer beside its method.</summary>
    public abstract JsonObject Describe(LayerScheme scheme);

    /// <summary>The format for a layout.</summary>
    public static LayerFormat For(LayerScheme scheme) => scheme switch
    {
        GroupScheme => GptqFormat.Instance,
        DbfScheme => DbfFormat.Instance,
        _ => throw new ArgumentException($"no format for {scheme.GetType().Name}", nameof(scheme)),
    };
}
