using System.Text.Json.Nodes;
using OneComp.Formats.Dbf;
using OneComp.Formats.Gptq;
using OneComp.Models;

namespace OneComp.Formats;

/// <summary>Opens a model folder, whether it was quantized or not.</summary>
public static class ModelFolder
{
    private static readonly string[] KnownMethods =
        [GptqFormat.Instance.Method, DbfFormat.Instance.Method, QuantizationConfig.MixedMethod, QuantizationConfig.MixedDbfMethod];

    /// <summary>Opens the folder; the caller owns the model.</summary>
    /// <exception cref="ModelException">The folder is no model that can be read.</exception>
    /// <exception cref="QuantizedFormatException">It was quantized by a method that is not read here.</exception>
    public static CausalModel Open(string folder)
    {
        var decoder = DecoderOf(ModelConfig.Load(folder));
        return CausalModel.Open(folder, decoder);
    }

    /// <summary>Opens a folder to quantize: one that is not quantized yet.</summary>
    /// <exception cref="ModelException">The folder is no model that can be read.</exception>
    /// <exception cref="QuantizedFormatException">It is quantized already.</exception>
    public static CausalModel OpenSource(string folder)
    {
        var config = ModelConfig.Load(folder);
        return config.Raw["quantization_config"] is null
            ? CausalModel.Open(folder)
            : throw new QuantizedFormatException(
                QuantizedFormatError.AlreadyQuantized,
                folder,
                $"{folder} is quantized already (config.json has a quantization_config). Quantize the model that it was made from.");
    }

    private static LayerDecoders? DecoderOf(ModelConfig config)
    {
        if (config.Raw["quantization_config"] is not { } quantization)
        {
            return null;
        }

        var method = TextOf(quantization, "quant_method");
        if (!KnownMethods.Contains(method))
        {
            throw new QuantizedFormatException(
                QuantizedFormatError.UnknownMethod,
                config.Folder,
                $"{config.Folder}: quantized by '{method ?? "(no quant_method)"}', which this version does not read. Known: {string.Join(", ", KnownMethods)}.");
        }

        return new LayerDecoders(
            new GptqWeightDecoder(TextOf(quantization, "checkpoint_format") == "gptq_v2" ? 0 : 1),
            new DbfWeightDecoder());
    }

    private static string? TextOf(JsonNode node, string field) =>
        node is JsonObject fields && fields[field] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
