using System.Text.Json.Nodes;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Grids;
using OneComp.Safetensors;

namespace OneComp.Formats.Gptq;

/// <summary>gptq v1: qweight, qzeros, scales and g_idx.</summary>
internal sealed class GptqFormat : LayerFormat
{
    public static GptqFormat Instance { get; } = new();

    public override string Method => "gptq";

    public override IReadOnlyList<TensorSpec> Specs(LinearLayer layer, LayerScheme scheme) => GptqNames.Specs(layer, (GroupScheme)scheme);

    public override void Write(QuantizedWeight weight, Func<string, SafetensorsWriter> fileOf) =>
        GptqLayerWriter.Write((GroupedWeight)weight, fileOf);

    public override JsonObject Describe(LayerScheme scheme) => new()
    {
        ["bits"] = ((GroupScheme)scheme).CodeBits,
        ["params"] = new JsonObject { ["group_size"] = scheme.GroupSize },
    };
}
