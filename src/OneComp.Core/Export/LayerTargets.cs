using OneComp.Formats;
using OneComp.Formats.CompressedTensors;
using OneComp.Formats.Dbf;
using OneComp.Formats.Gptq;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Grids;
using OneComp.Safetensors;

namespace OneComp.Export;

/// <summary>Chooses what becomes of each layer of a quantized model, or says why a form cannot hold it.</summary>
internal static class LayerTargets
{
    private const float LargestHalf = 65504;

    // Below this a scale for each group outweighs what small codes save.
    private const int LeastGroup = 8;

    /// <summary>gptq v1 and dbf: everything that can be read, as it is.</summary>
    /// <exception cref="ExportException">A zero point of 0 (gptq v2), which v1 cannot say, or a scale beyond half precision.</exception>
    public static IReadOnlyList<LayerTarget> Gptq(QuantizedModel source, int gpus) => [.. source.Layers.Select(layer =>
    {
        if (source.GridOf(layer) is not { } grid)
        {
            return new QuantizedTarget(layer, DbfFormat.Instance, source.SchemeOf(layer));
        }

        CheckScales(grid);
        if (grid.Zeros.Contains((short)0))
        {
            throw new ExportException(ExportError.LayerValue, layer.Name, $"Layer {layer.Name}: a zero point is 0, and gptq v1 stores the zero point less one. Export it with -Format Gguf or Dequantized.");
        }

        var divided = grid.IsInOrder && gpus > 1 && !TensorParallel.Fits(layer, grid.Scheme, gpus) ? Divide(grid, TensorParallel.Parts(layer, gpus)) : null;
        return (LayerTarget)new QuantizedTarget(layer, GptqFormat.Instance, divided ?? grid.Scheme);
    })];

    /// <summary>compressed-tensors: symmetric grids whose columns lie in order; uneven groups are divided into even ones.</summary>
    /// <exception cref="ExportException">A layer is asymmetric, in act-order, factorized, or has no even group size of use.</exception>
    public static IReadOnlyList<LayerTarget> Packed(QuantizedModel source, int gpus) => [.. source.Layers.Select(layer =>
    {
        var grid = source.GridOf(layer) ?? throw NoPlace(layer);
        RequirePacked(layer, grid.Scheme, grid.IsInOrder);
        CheckScales(grid);
        return (LayerTarget)new QuantizedTarget(layer, PackedFormat.Instance, EvenGroups(layer, grid.Scheme, gpus));
    })];

    /// <summary>Plain weights.</summary>
    public static IReadOnlyList<LayerTarget> Dense(QuantizedModel source, DType type) => [.. source.Layers.Select(layer => new DenseTarget(layer, type))];

    /// <summary>Says before a run whether its plan can be exported to compressed-tensors.</summary>
    /// <exception cref="ExportException">As for <see cref="Packed"/>.</exception>
    public static void RequirePacked(PlannedLayer planned, int gpus)
    {
        var scheme = planned.Scheme as GroupScheme ?? throw NoPlace(planned.Layer);
        RequirePacked(planned.Layer, scheme, planned.Quantizer is not Quantization.Gptq.GptqQuantizer { ActOrder: true, StaticGroups: false } || scheme.GroupCount(planned.Layer.InFeatures) == 1);
        EvenGroups(planned.Layer, scheme, gpus);
    }

    private static void RequirePacked(LinearLayer layer, GroupScheme scheme, bool inOrder)
    {
        if (!scheme.Symmetric)
        {
            throw new ExportException(ExportError.LayerAsymmetric, layer.Name, $"Layer {layer.Name}: its zero points are not all {1 << (scheme.CodeBits - 1)}, and servers load only symmetric weights from compressed-tensors. Quantize with -Sym $true (New-RtnQuantizer has $false), or export with -Format Gptq or Gguf.");
        }

        if (!inOrder)
        {
            throw new ExportException(ExportError.LayerActOrder, layer.Name, $"Layer {layer.Name}: its columns are in another order than their groups (act-order), which servers do not run from compressed-tensors. Quantize with New-GptqQuantizer -ActOrder -StaticGroup, whose groups stay in order, or without -ActOrder.");
        }
    }

    private static ExportException NoPlace(LinearLayer layer) => new(ExportError.LayerMethod, layer.Name, $"Layer {layer.Name}: it is factorized (DBF), which compressed-tensors does not hold. Export with -Format Gptq, Gguf or Dequantized, or quantize without DBF (New-AutoBitQuantizer -AutoDbf $false).");

    /// <summary>The scheme with groups that a server can divide over so many GPUs.</summary>
    /// <exception cref="ExportException">GroupUneven: no group size of use does.</exception>
    public static GroupScheme EvenGroups(LinearLayer layer, GroupScheme scheme, int gpus) =>
        TensorParallel.Fits(layer, scheme = Whole(layer, scheme), gpus) ? scheme : Divide(layer, scheme, TensorParallel.Parts(layer, gpus)) ?? throw new ExportException(
            ExportError.GroupUneven,
            layer.Name,
            $"Layer {layer.Name}: groups of {scheme.GroupSize} do not divide d_in {layer.InFeatures} evenly{(gpus > 1 ? $" over {gpus} GPUs" : "")}, nor do parts of them of {LeastGroup} or more. Quantize with a -GroupSize that divides it, or -1 for a scale per row.");

    // A group that is longer than a row is the row.
    private static GroupScheme Whole(LinearLayer layer, GroupScheme scheme) => scheme.GroupSize >= layer.InFeatures ? scheme with { GroupSize = -1 } : scheme;

    private static GroupScheme? Divide(LayerGrid grid, int parts) => Divide(grid.Layer, grid.Scheme, parts);

    private static GroupScheme? Divide(LinearLayer layer, GroupScheme scheme, int parts) =>
        Regrouping.LargestFitting(layer.InFeatures, scheme.GroupLength(layer.InFeatures), parts) is >= LeastGroup and var size ? scheme with { GroupSize = size } : null;

    private static void CheckScales(LayerGrid grid)
    {
        if (grid.Scales.Any(scale => Math.Abs(scale) > LargestHalf || (float)(Half)scale != scale))
        {
            throw new ExportException(ExportError.LayerValue, grid.Layer.Name, $"Layer {grid.Layer.Name}: a scale has no exact value in half precision, in which this form stores them. Export with -Format Dequantized.");
        }
    }
}
