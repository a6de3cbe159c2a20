using OneComp.Models;

namespace OneComp.Export.Gguf;

/// <summary>What lies in a GGUF file: its key-value pairs, and each tensor with its type. Needs config.json and the tokenizer.</summary>
internal sealed class GgufLayout
{
    private const int QuantizationVersion = 2; // of ggml's block types
    private readonly ModelConfig _config;
    private readonly ExportOptions _options;

    /// <param name="config">The model.</param>
    /// <param name="topology">Its tensors.</param>
    /// <param name="exactTypes">The block type that holds each quantized weight exactly; null where none does.</param>
    /// <param name="options">What the other tensors become, and the file's name.</param>
    public GgufLayout(ModelConfig config, ModelTopology topology, IReadOnlyDictionary<string, GgufTensorType?> exactTypes, ExportOptions options)
    {
        (_config, _options) = (config, options);
        Architecture = GgufArchitecture.Of(config);
        Tensors = [.. topology.Tensors.Select(tensor => (tensor, TargetOf(tensor, exactTypes)))];
        Divisors = GgufHyperparameters.FrequencyDivisors(config) is { } values
            ? (new GgufTensor("rope_freqs.weight", GgufTensorType.F32, 1, values.Length, IsVector: true), values)
            : null;
    }

    /// <summary>How llama.cpp knows the model.</summary>
    public GgufArchitecture Architecture { get; }

    /// <summary>The model's tensors, and what becomes of each.</summary>
    public IReadOnlyList<(ModelTensor Tensor, GgufTensor Target)> Tensors { get; }

    /// <summary>Divisors of the rotary frequencies, which the file holds as a tensor; null where the model has none.</summary>
    public (GgufTensor Target, float[] Values)? Divisors { get; }

    /// <summary>All tensors in the order in which they lie.</summary>
    public IReadOnlyList<GgufTensor> Targets => [.. Tensors.Select(tensor => tensor.Target), .. Divisors is { } divisors ? [divisors.Target] : Array.Empty<GgufTensor>()];

    /// <summary>The key-value pairs.</summary>
    /// <exception cref="ExportException">The tokenizer cannot be written.</exception>
    public GgufMetadata Metadata()
    {
        var main = Tensors.GroupBy(tensor => tensor.Target.Type).MaxBy(group => group.Sum(tensor => tensor.Target.Rows * tensor.Target.Columns))!.Key;
        var metadata = new GgufMetadata();
        metadata.Add("general.architecture", Architecture.Name);
        metadata.Add("general.type", "model");
        metadata.Add("general.name", Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(_options.Destination))));
        metadata.Add("general.quantization_version", QuantizationVersion);
        metadata.Add("general.file_type", FileType(main));
        GgufHyperparameters.Add(metadata, Architecture.Name, _config);
        GgufVocabulary.Read(_config, _options.PreTokenizer).AddTo(metadata);
        return metadata;
    }

    private GgufTensor TargetOf(ModelTensor tensor, IReadOnlyDictionary<string, GgufTensorType?> exactTypes)
    {
        var isVector = tensor.Shape.Count == 1;
        var (rows, columns) = isVector ? (1, tensor.Shape[0]) : (tensor.Shape[0], tensor.Shape[1]);
        var rounded = _options.Fallback == GgufFallback.Q8_0 && columns % GgufTensorTypes.BlockLength == 0 ? GgufTensorType.Q8_0 : GgufTensorType.F16;
        var type = isVector ? GgufTensorType.F32 : exactTypes.GetValueOrDefault(tensor.Name) ?? rounded;
        return new GgufTensor(GgufArchitecture.NameOf(tensor.Name), type, rows, columns, isVector);
    }

    // "Mostly this type", numbered apart from the types.
    private static uint FileType(GgufTensorType main) => main switch
    {
        GgufTensorType.F32 => 0,
        GgufTensorType.F16 => 1,
        GgufTensorType.Q4_0 => 2,
        GgufTensorType.Q4_1 => 3,
        _ => 7,
    };
}
