using System.Text.Json.Nodes;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;

namespace OneComp.Formats.Gptq;

/// <summary>
/// The quantization_config of a gptq checkpoint: <c>gptq</c> where every layer has one scheme, else <c>mixed_gptq</c>. Written in
/// the spellings of Hugging Face (group_size, desc_act) and of OneComp (groupsize, actorder).
/// </summary>
internal static class GptqConfig
{
    /// <summary>Makes the object for config.json.</summary>
    /// <param name="plan">The plan; every layer lies in a block.</param>
    /// <param name="blocks">Decoder blocks of the model.</param>
    public static JsonObject Of(QuantizationPlan plan, int blocks)
    {
        // The scheme of the most weights stands for the whole in readers that know only one.
        var main = plan.Layers.GroupBy(layer => layer.Scheme).MaxBy(group => group.Sum(layer => layer.Parameters))!.Key;
        var gptq = plan.Layers.Select(layer => layer.Quantizer).OfType<GptqQuantizer>().ToList();
        var actOrder = gptq.Any(quantizer => quantizer.ActOrder);
        return new JsonObject
        {
            ["quant_method"] = IsUniform(plan, blocks) ? "gptq" : "mixed_gptq",
            ["bits"] = main.Bits,
            ["group_size"] = main.GroupSize,
            ["groupsize"] = main.GroupSize,
            ["desc_act"] = actOrder,
            ["actorder"] = actOrder,
            ["sym"] = plan.Layers.All(layer => layer.Scheme.Symmetric),
            ["damp_percent"] = gptq.FirstOrDefault()?.PercDamp ?? 0,
            ["true_sequential"] = false,
            ["lm_head"] = false,
            ["checkpoint_format"] = "gptq",
            ["modules_in_block_to_quantize"] = Modules(plan),
            ["quantization_bits"] = BitsByBlock(plan, blocks),
        };
    }

    private static bool IsUniform(QuantizationPlan plan, int blocks)
    {
        var modules = plan.Layers.Select(layer => layer.Layer.Module).Distinct().Count();
        return plan.Layers.Select(layer => layer.Scheme).Distinct().Count() == 1 && plan.Layers.Count == modules * blocks;
    }

    private static JsonArray Modules(QuantizationPlan plan) =>
        [.. plan.Layers
            .GroupBy(layer => layer.Layer.Stage)
            .OrderBy(stage => stage.Key)
            .Select(stage => new JsonArray([.. stage.Select(layer => layer.Layer.Module).Distinct().Select(module => JsonValue.Create(module))]))];

    private static JsonArray BitsByBlock(QuantizationPlan plan, int blocks)
    {
        var byBlock = plan.Layers.ToLookup(layer => layer.Layer.Block);
        return [.. Enumerable.Range(0, blocks).Select(block => new JsonObject(byBlock[block].Select(layer =>
            KeyValuePair.Create(layer.Layer.Module, (JsonNode?)new JsonObject
            {
                ["bits"] = layer.Scheme.Bits,
                ["method"] = "gptq",
                ["params"] = new JsonObject { ["group_size"] = layer.Scheme.GroupSize },
            }))))];
    }
}
