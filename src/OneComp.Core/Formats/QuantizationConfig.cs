using System.Text.Json.Nodes;
using OneComp.Formats.Dbf;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Grids;

namespace OneComp.Formats;

/// <summary>
/// The quantization_config of a checkpoint: the method's own name (<c>gptq</c>) where every layer has one scheme, else
/// <c>mixed_gptq</c>, or <c>mixed_dbf</c> where all are DBF. Written in the spellings of Hugging Face (group_size, desc_act) and of OneComp (groupsize, actorder).
/// </summary>
internal static class QuantizationConfig
{
    /// <summary>The method of a checkpoint whose layers differ.</summary>
    public const string MixedMethod = "mixed_gptq";

    /// <summary>The method of a checkpoint of DBF layers alone that differ in their bits.</summary>
    public const string MixedDbfMethod = "mixed_dbf";

    /// <summary>Makes the object for config.json of a run.</summary>
    /// <param name="plan">The plan; every layer lies in a block.</param>
    /// <param name="blocks">Decoder blocks of the model.</param>
    public static JsonObject Of(QuantizationPlan plan, int blocks)
    {
        var gptq = plan.Layers.Select(layer => layer.Quantizer).OfType<GptqQuantizer>().ToList();
        var config = Of(
            [.. plan.Layers.Select(layer => (layer.Layer, layer.Scheme))],
            blocks,
            actOrder: gptq.Any(quantizer => quantizer is { ActOrder: true, StaticGroups: false })); // static groups leave g_idx as it is
        config["damp_percent"] = gptq.FirstOrDefault()?.PercDamp ?? 0;
        if (plan.Layers.Select(layer => layer.Quantizer).OfType<DbfQuantizer>().FirstOrDefault() is { } dbf)
        {
            DbfFormat.Describe(dbf, config);
        }

        return config;
    }

    /// <summary>Makes the object for config.json from what the layers are.</summary>
    /// <param name="layers">The quantized layers in model order.</param>
    /// <param name="blocks">Decoder blocks of the model.</param>
    /// <param name="actOrder">Whether columns may be in another order than their groups.</param>
    public static JsonObject Of(IReadOnlyList<(LinearLayer Layer, LayerScheme Scheme)> layers, int blocks, bool actOrder)
    {
        // The scheme of the most weights stands for the whole in readers that know only one: a group grid where there is one.
        var isDbf = layers.All(layer => layer.Scheme is DbfScheme);
        var main = layers.Where(layer => isDbf || layer.Scheme is not DbfScheme)
            .GroupBy(layer => layer.Scheme).MaxBy(group => group.Sum(layer => layer.Layer.WeightCount))!.Key;
        return new JsonObject
        {
            ["quant_method"] = IsUniform(layers, blocks) ? LayerFormat.For(main).Method : isDbf ? MixedDbfMethod : MixedMethod,
            ["bits"] = BitsOf(main),
            ["group_size"] = main.GroupSize,
            ["groupsize"] = main.GroupSize,
            ["desc_act"] = actOrder,
            ["actorder"] = actOrder,
            ["sym"] = layers.All(layer => layer.Scheme is not GroupScheme { Symmetric: false }),
            ["damp_percent"] = 0,
            ["true_sequential"] = false,
            ["lm_head"] = layers.Any(layer => layer.Layer.Block < 0),
            ["checkpoint_format"] = LayerFormat.For(main).Method,
            ["modules_in_block_to_quantize"] = Modules(layers),
            ["quantization_bits"] = BitsByBlock(layers, blocks),
        };
    }

    /// <summary>Whole bits as a whole number: readers expect one.</summary>
    private static JsonValue BitsOf(LayerScheme scheme) =>
        scheme.Bits == Math.Floor(scheme.Bits) ? JsonValue.Create((int)scheme.Bits) : JsonValue.Create(scheme.Bits);

    private static bool IsUniform(IReadOnlyList<(LinearLayer Layer, LayerScheme Scheme)> layers, int blocks)
    {
        var inBlocks = layers.Where(layer => layer.Layer.Block >= 0).ToList();
        var modules = inBlocks.Select(layer => layer.Layer.Module).Distinct().Count();
        return layers.Select(layer => layer.Scheme).Distinct().Count() == 1 && inBlocks.Count == modules * blocks;
    }

    private static JsonArray Modules(IReadOnlyList<(LinearLayer Layer, LayerScheme Scheme)> layers) =>
        [.. layers
            .Where(layer => layer.Layer.Block >= 0)
            .GroupBy(layer => layer.Layer.Stage)
            .OrderBy(stage => stage.Key)
            .Select(stage => new JsonArray([.. stage.Select(layer => layer.Layer.Module).Distinct().Select(module => JsonValue.Create(module))]))];

    private static JsonArray BitsByBlock(IReadOnlyList<(LinearLayer Layer, LayerScheme Scheme)> layers, int blocks)
    {
        var byBlock = layers.ToLookup(layer => layer.Layer.Block);
        return [.. Enumerable.Range(0, blocks).Select(block => new JsonObject(byBlock[block].Select(layer =>
            KeyValuePair.Create(layer.Layer.Module, (JsonNode?)Describe(layer.Scheme)))))];
    }

    private static JsonObject Describe(LayerScheme scheme)
    {
        var format = LayerFormat.For(scheme);
        var description = format.Describe(scheme);
        description["method"] = format.Method;
        return description;
    }
}
