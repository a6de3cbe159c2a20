using System.Text.Json.Nodes;
using OneComp.Export;
using OneComp.Formats;
using OneComp.Formats.CompressedTensors;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Grids;
using OneComp.Safetensors;

namespace OneComp.Estimation;

/// <summary>The tensors of a safetensors form of a plan, and what its config.json says of them.</summary>
internal static class PlannedTensors
{
    /// <summary>What each planned layer becomes.</summary>
    /// <exception cref="ExportException">compressed-tensors cannot hold a layer.</exception>
    public static IReadOnlyList<TensorSpec> Specs(PlannedLayer planned, ModelConfig config, ExportOptions export) => export.Format switch
    {
        ExportFormat.CompressedTensors => PackedFormat.Instance.Specs(planned.Layer, Packed(planned, export)),
        ExportFormat.Dequantized => [new TensorSpec(planned.Layer.WeightName, DenseOf(config, export.DenseType), [planned.Layer.OutFeatures, planned.Layer.InFeatures])],
        _ => LayerFormat.For(planned.Scheme).Specs(planned.Layer, planned.Scheme),
    };

    /// <summary>All tensors of the result, in the order of the source.</summary>
    public static IEnumerable<TensorSpec> All(SourceTensors source, QuantizationPlan plan, ExportOptions export)
    {
        var byWeight = plan.Layers.ToDictionary(planned => planned.Layer.WeightName);
        return source.Stored.SelectMany(tensor => byWeight.TryGetValue(tensor.Name, out var planned) ? Specs(planned, source.Config, export) : [tensor]);
    }

    /// <summary>The quantization_config; null for plain weights.</summary>
    public static JsonObject? ConfigOf(SourceTensors source, QuantizationPlan plan, ExportOptions export) => export.Format switch
    {
        ExportFormat.CompressedTensors => PackedConfig.Of(
            [.. plan.Layers.Select(planned => (planned.Layer, Packed(planned, export)))],
            source.Topology.Layers.Where(layer => !plan.ByName.ContainsKey(layer.Name))),
        ExportFormat.Dequantized => null,
        _ => QuantizationConfig.Of(plan, source.Config.NumLayers),
    };

    /// <summary>True where columns will lie in the order of their groups.</summary>
    public static bool IsInOrder(PlannedLayer planned) => planned.Quantizer is not GptqQuantizer { ActOrder: true, StaticGroups: false }
        || (planned.Scheme is GroupScheme scheme && scheme.GroupCount(planned.Layer.InFeatures) == 1);

    private static GroupScheme Packed(PlannedLayer planned, ExportOptions export)
    {
        LayerTargets.RequirePacked(planned, export.TensorParallel);
        return LayerTargets.EvenGroups(planned.Layer, (GroupScheme)planned.Scheme, export.TensorParallel);
    }

    private static DType DenseOf(ModelConfig config, DenseType type) => type switch
    {
        DenseType.F16 => DType.F16,
        DenseType.BF16 => DType.BF16,
        _ => config.TorchDType == DType.BF16 ? DType.BF16 : DType.F16,
    };
}
