using System.Text.Json;
using System.Text.Json.Nodes;
using OneComp.Models.Architectures;
using OneComp.Safetensors;
using OneComp.Untrusted;

namespace OneComp.Models;

/// <summary>Reads config.json (Hugging Face transformers, version 4 and 5 spellings).</summary>
internal static class ModelConfigReader
{
    // Far beyond any model there is, and small enough that no list or product made of them grows out of hand.
    private const int MostBlocks = 1024;
    private const int MostWidth = 1 << 22;
    private const int MostTokens = 1 << 24;

    public static ModelConfig Read(string folder)
    {
        var file = Path.Combine(folder, "config.json");
        var raw = Parse(folder, file);
        var fields = new ConfigFields(file, raw);
        var architecture = fields.Texts("architectures") is [var first, ..] ? first : throw fields.Missing("architectures");
        KnownArchitectures.Require(architecture, file);
        var hidden = fields.RequireInt("hidden_size", MostWidth);
        var heads = fields.RequireInt("num_attention_heads", MostWidth);
        var layers = fields.RequireInt("num_hidden_layers", MostBlocks);
        var config = new ModelConfig
        {
            Folder = folder,
            Architecture = architecture,
            ModelType = fields.Text("model_type") ?? "",
            HiddenSize = hidden,
            IntermediateSize = fields.RequireInt("intermediate_size", MostWidth),
            NumLayers = layers,
            NumHeads = heads,
            NumKeyValueHeads = fields.Int("num_key_value_heads") ?? heads,
            HeadDim = fields.Int("head_dim", most: MostWidth) ?? DerivedHeadDim(fields, hidden, heads),
            VocabularySize = fields.RequireInt("vocab_size", MostTokens),
            MaxPositionEmbeddings = fields.RequireInt("max_position_embeddings"),
            RmsNormEps = fields.Number("rms_norm_eps") ?? 1e-6,
            RopeTheta = RopeFields.Theta(fields),
            RopeScaling = RopeFields.Scaling(fields),
            Activation = Activation(fields),
            TieWordEmbeddings = fields.Flag("tie_word_embeddings") ?? false,
            SlidingWindow = fields.Flag("use_sliding_window") ?? true ? fields.Int("sliding_window") : null,
            MaxWindowLayers = fields.Int("max_window_layers", least: 0),
            LayerTypes = LayerTypes(fields, layers),
            AttentionBias = fields.Flag("attention_bias") ?? false,
            MlpBias = fields.Flag("mlp_bias") ?? false,
            TorchDType = ParseDType(fields.Text("dtype") ?? fields.Text("torch_dtype")),
            Raw = raw,
        };
        Check(config, fields);
        return config;
    }

    private static JsonObject Parse(string folder, string file)
    {
        try
        {
            FolderLinks.Require(folder, file);
            return StrictJson.Parse(BoundedFile.Read(file)) as JsonObject
                ?? throw Malformed(file, "its content is not a JSON object");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelException(
                ModelError.ConfigNotFound, file,
                $"There is no {file}. Expected a model folder with config.json and safetensors files.", exception);
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw Malformed(file, exception.Message, exception);
        }
    }

    private static ModelException Malformed(string file, string why, Exception? exception = null) =>
        new(ModelError.ConfigMalformed, file, $"{file} cannot be read as a model's settings: {why}", exception);

    private static int DerivedHeadDim(ConfigFields fields, int hidden, int heads) => hidden % heads == 0
        ? hidden / heads
        : throw fields.Invalid("num_attention_heads", heads, $"a divisor of hidden_size ({hidden}) where no head_dim is given");

    private static ActivationFunction Activation(ConfigFields fields) => fields.Text("hidden_act") switch
    {
        null or "silu" or "swish" => ActivationFunction.Silu,
        "gelu" => ActivationFunction.Gelu,
        "gelu_new" or "gelu_fast" or "gelu_pytorch_tanh" => ActivationFunction.GeluTanh,
        var other => throw new ModelException(
            ModelError.ActivationUnknown, fields.File,
            $"{fields.File}: hidden_act is {Quoted.Text(other)}, expected silu, swish, gelu, gelu_new, gelu_fast or gelu_pytorch_tanh."),
    };

    private static IReadOnlyList<string>? LayerTypes(ConfigFields fields, int layers)
    {
        var types = fields.Texts("layer_types");
        if (types is not null && types.Count != layers)
        {
            throw fields.Invalid("layer_types", types.Count, $"one entry for each of the {layers} blocks");
        }

        return types?.FirstOrDefault(type => type is not ("full_attention" or "sliding_attention")) is { } unknown
            ? throw fields.Invalid("layer_types", unknown, "full_attention or sliding_attention")
            : types;
    }

    private static DType? ParseDType(string? name) => name?.Split('.')[^1] switch // also torch.float16
    {
        "float32" => DType.F32,
        "float16" => DType.F16,
        "bfloat16" => DType.BF16,
        _ => null,
    };

    private static void Check(ModelConfig config, ConfigFields fields)
    {
        if (config.NumHeads % config.NumKeyValueHeads != 0)
        {
            throw fields.Invalid(
                "num_key_value_heads", config.NumKeyValueHeads, $"a divisor of num_attention_heads ({config.NumHeads})");
        }

        if ((long)config.NumHeads * config.HeadDim > MostWidth)
        {
            throw fields.Invalid(
                "num_attention_heads", config.NumHeads,
                $"at most {MostWidth / config.HeadDim} with head_dim {config.HeadDim}");
        }

        if (config.HeadDim % 2 != 0)
        {
            throw fields.Invalid("head_dim", config.HeadDim, "an even number, since rotary positions turn pairs");
        }
    }
}
