using OneComp.Formats;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Grids;
using OneComp.Safetensors;

namespace OneComp.Export;

/// <summary>A layer that stays quantized, perhaps in smaller groups.</summary>
internal sealed class QuantizedTarget(LinearLayer layer, LayerFormat format, LayerScheme scheme) : LayerTarget(layer)
{
    public LayerFormat Format => format;

    public LayerScheme Scheme => scheme;

    public override IReadOnlyList<TensorSpec> Specs => format.Specs(Layer, scheme);

    public override void Write(QuantizedWeight weight, Func<string, SafetensorsWriter> fileOf)
    {
        using var regrouped = scheme is GroupScheme grid ? Regrouping.Of((GroupedWeight)weight, grid) : null;
        format.Write(regrouped ?? weight, fileOf);
    }
}
