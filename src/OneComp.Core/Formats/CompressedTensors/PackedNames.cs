using OneComp.Models;
using OneComp.Quantization.Grids;
using OneComp.Safetensors;

namespace OneComp.Formats.CompressedTensors;

/// <summary>Names and shapes of the tensors that stand for a weight in compressed-tensors' pack-quantized format.</summary>
internal static class PackedNames
{
    /// <summary>Codes: I32 [d_out, ⌈d_in·b/32⌉], each row one stream of bits, low bits first.</summary>
    public static string Codes(string layer) => layer + ".weight_packed";

    /// <summary>Scales: F16 [d_out, groups].</summary>
    public static string Scales(string layer) => layer + ".weight_scale";

    /// <summary>d_out and d_in: I64 [2].</summary>
    public static string Shape(string layer) => layer + ".weight_shape";

    /// <summary>Zero points, which only asymmetric weights have.</summary>
    public static string Zeros(string layer) => layer + ".weight_zero_point";

    /// <summary>The group of each column, which only act-order weights have: I32 [d_in].</summary>
    public static string GroupIndex(string layer) => layer + ".weight_g_idx";

    /// <summary>The three tensors of a symmetric layer in order.</summary>
    public static IReadOnlyList<TensorSpec> Specs(LinearLayer layer, GroupScheme scheme) =>
    [
        new TensorSpec(Codes(layer.Name), DType.I32, [layer.OutFeatures, BitPacking.LeastWordCount(layer.InFeatures, scheme.CodeBits)]),
        new TensorSpec(Scales(layer.Name), DType.F16, [layer.OutFeatures, scheme.GroupCount(layer.InFeatures)]),
        new TensorSpec(Shape(layer.Name), DType.I64, [2]),
    ];
}
