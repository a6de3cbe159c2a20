using OneComp.Formats;
using OneComp.Formats.Gptq;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Safetensors;

namespace OneComp.Pipeline;

/// <summary>
/// What a layer takes on the disk. Words are filled up where a shape is no multiple of 32, so that this can be more than the
/// effective bits say; a budget that is a promise must count it.
/// </summary>
internal static class StoredBits
{
    /// <summary>Bits of codes, scales and zero points in the saved file. The columns' group index (g_idx) is not among them.</summary>
    public static long Of(LinearLayer layer, LayerScheme scheme) => LayerFormat.For(scheme)
        .Specs(layer, scheme)
        .Where(tensor => tensor.Name != GptqNames.GroupIndex(layer.Name))
        .Sum(tensor => 8 * DTypes.SizeOf(tensor.DType) * tensor.Shape.Aggregate(1L, (count, dimension) => count * dimension));
}
