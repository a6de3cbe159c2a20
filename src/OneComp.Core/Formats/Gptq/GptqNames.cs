using OneComp.Models;
using OneComp.Quantization.Grids;
using OneComp.Safetensors;

namespace OneComp.Formats.Gptq;

/// <summary>Names and shapes of the tensors that stand for a quantized weight in a gptq v1 checkpoint.</summary>
internal static class GptqNames
{
    /// <summary>Codes: I32 [⌈d_in/32⌉·b, d_out], packed along d_in.</summary>
    public static string Codes(string layer) => layer + ".qweight";

    /// <summary>Zero points less one: I32 [groups, ⌈d_out/32⌉·b], packed along d_out.</summary>
    public static string Zeros(string layer) => layer + ".qzeros";

    /// <summary>Scales: F16 [groups, d_out].</summary>
    public static string Scales(string layer) => layer + ".scales";

    /// <summary>The group of each column: I32 [d_in].</summary>
    public static string GroupIndex(string layer) => layer + ".g_idx";

    /// <summary>The four tensors of a layer.</summary>
    public static IReadOnlyList<TensorSpec> Specs(LinearLayer layer, GroupScheme scheme)
    {
        var groups = scheme.GroupCount(layer.InFeatures);
        return
        [
            new TensorSpec(GroupIndex(layer.Name), DType.I32, [layer.InFeatures]),
            new TensorSpec(Codes(layer.Name), DType.I32, [BitPacking.WordCount(layer.InFeatures, scheme.CodeBits), layer.OutFeatures]),
            new TensorSpec(Zeros(layer.Name), DType.I32, [groups, BitPacking.WordCount(layer.OutFeatures, scheme.CodeBits)]),
            new TensorSpec(Scales(layer.Name), DType.F16, [groups, layer.OutFeatures]),
        ];
    }
}
