using System.Globalization;
using System.Text.Json.Nodes;
using OneComp.Models;
using OneComp.Quantization.Grids;

namespace OneComp.Formats.CompressedTensors;

/// <summary>The quantization_config of a pack-quantized checkpoint: one config group for each scheme, its modules by name.</summary>
internal static class PackedConfig
{
    /// <summary>Makes the object for config.json.</summary>
    /// <param name="layers">The quantized layers and their schemes, in model order.</param>
    /// <param name="plain">Linear layers that are not quantized: the ignore list.</param>
    public static JsonObject Of(IReadOnlyList<(LinearLayer Layer, GroupScheme Scheme)> layers, IEnumerable<LinearLayer> plain)
    {
        var groups = new JsonObject();
        foreach (var group in layers.GroupBy(layer => layer.Scheme))
        {
            groups.Add("group_" + groups.Count.ToString(CultureInfo.InvariantCulture), new JsonObject
            {
                ["targets"] = new JsonArray([.. group.Select(layer => JsonValue.Create(layer.Layer.Name))]),
                ["weights"] = Weights(group.Key),
                ["input_activations"] = null,
                ["output_activations"] = null,
                ["format"] = "pack-quantized",
            });
        }

        return new JsonObject
        {
            ["quant_method"] = PackedFormat.Instance.Method,
            ["format"] = "pack-quantized",
            ["quantization_status"] = "compressed",
            ["global_compression_ratio"] = null,
            ["kv_cache_scheme"] = null,
            ["ignore"] = new JsonArray([.. plain.Select(layer => JsonValue.Create(layer.Name))]),
            ["config_groups"] = groups,
        };
    }

    private static JsonObject Weights(GroupScheme scheme) => new()
    {
        ["num_bits"] = scheme.CodeBits,
        ["type"] = "int",
        ["symmetric"] = true,
        ["strategy"] = scheme.GroupSize == -1 ? "channel" : "group",
        ["group_size"] = scheme.GroupSize == -1 ? null : scheme.GroupSize,
        ["block_structure"] = null,
        ["dynamic"] = false,
        ["actorder"] = null,
        ["observer"] = "minmax",
        ["observer_kwargs"] = new JsonObject(),
    };
}
