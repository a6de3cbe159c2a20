using System.Text.Json.Nodes;
using OneComp.Models;

namespace OneComp.Formats;

/// <summary>What a checkpoint's quantization_config says, ours or another's.</summary>
internal sealed class QuantizationSettings
{
    private const double MostBits = 64;
    private readonly Dictionary<string, (double? Bits, int? GroupSize)> _byLayer = [];

    private QuantizationSettings(JsonObject raw) => Raw = raw;

    /// <summary>Those of a model that is not quantized.</summary>
    public static QuantizationSettings None { get; } = new([]);

    /// <summary>The whole object.</summary>
    public JsonObject Raw { get; }

    /// <summary>quant_method; null where it is absent.</summary>
    public string? Method => Text(Raw, "quant_method");

    /// <summary>checkpoint_format; null where it is absent.</summary>
    public string? CheckpointFormat => Text(Raw, "checkpoint_format");

    /// <summary>desc_act: whether columns may be in another order than their groups.</summary>
    public bool? ActOrder => Flag(Raw, "desc_act") ?? Flag(Raw, "actorder");

    /// <summary>sym: whether every zero point is 2^(b-1).</summary>
    public bool? Symmetric => Flag(Raw, "sym");

    /// <summary>Reads quantization_config; null where the model is not quantized.</summary>
    public static QuantizationSettings? Of(ModelConfig config) => Of(config.Raw);

    /// <summary>As the other, from the whole of config.json.</summary>
    public static QuantizationSettings? Of(JsonObject config)
    {
        if (config["quantization_config"] is not { } node)
        {
            return null;
        }

        var settings = new QuantizationSettings(node as JsonObject ?? []);
        settings.ReadBitsByBlock();
        return settings;
    }

    /// <summary>Bits and group size of a layer as written; null where they are not.</summary>
    public (double? Bits, int? GroupSize) For(LinearLayer layer)
    {
        var (bits, groupSize) = _byLayer.GetValueOrDefault(layer.Name);
        return (bits ?? Bits(Raw), groupSize ?? Group(Raw, "group_size") ?? Group(Raw, "groupsize"));
    }

    /// <summary>Whether quantization_bits has an entry for a layer.</summary>
    public bool Names(LinearLayer layer) => _byLayer.ContainsKey(layer.Name);

    // OneComp's list over blocks of {"self_attn.q_proj": {"bits": 4, "method": "gptq", "params": {"group_size": 128}}}.
    private void ReadBitsByBlock()
    {
        if (Raw["quantization_bits"] is not JsonArray blocks)
        {
            return;
        }

        for (var block = 0; block < blocks.Count; block++)
        {
            foreach (var (module, value) in blocks[block] as JsonObject ?? [])
            {
                if (value is JsonObject fields)
                {
                    _byLayer[TensorNames.InBlock(block, module)] = (Bits(fields), fields["params"] is JsonObject parameters ? Group(parameters, "group_size") : null);
                }
            }
        }
    }

    private static string? Text(JsonObject fields, string name) => fields[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static bool? Flag(JsonObject fields, string name) => fields[name] is JsonValue value && value.TryGetValue(out bool flag) ? flag : null;

    // What cannot be is taken for not given: the tensors say what there is.
    private static double? Bits(JsonObject fields) => fields["bits"] is JsonValue value && value.TryGetValue(out double bits) && bits is > 0 and <= MostBits ? bits : null;

    private static int? Group(JsonObject fields, string name) => fields[name] is JsonValue value && value.TryGetValue(out int size) && (size is -1 or >= 1) ? size : null;
}
