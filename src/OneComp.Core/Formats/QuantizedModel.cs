using OneComp.Models;
using OneComp.Quantization;

namespace OneComp.Formats;

/// <summary>A quantized model folder, open to read its layers in the parts that they are saved in. Owns the model.</summary>
internal sealed class QuantizedModel : IDisposable
{
    private readonly LayerDecoders _decoders;
    private readonly Dictionary<string, LinearLayer> _layerOfTensor;

    private QuantizedModel(CausalModel model, QuantizationSettings settings, LayerDecoders decoders)
    {
        (Model, Settings, _decoders) = (model, settings, decoders);
        Layers = [.. model.Topology.Layers.Where(layer => decoders.CanDecode(model.Checkpoint, layer))];
        _layerOfTensor = Layers.SelectMany(layer => ReaderOf(layer).TensorNames(layer).Select(name => (name, layer))).ToDictionary(pair => pair.name, pair => pair.layer);
    }

    public CausalModel Model { get; }

    public QuantizationSettings Settings { get; }

    /// <summary>The quantized layers in model order.</summary>
    public IReadOnlyList<LinearLayer> Layers { get; }

    /// <summary>Opens a folder; the caller owns the result.</summary>
    /// <exception cref="ModelException">The folder is no model that can be read.</exception>
    /// <exception cref="QuantizedFormatException">It is not quantized, or by a method that is not read here.</exception>
    public static QuantizedModel Open(string folder)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var settings = QuantizationSettings.Of(ModelConfig.Load(folder)) ?? throw new QuantizedFormatException(
            QuantizedFormatError.NotQuantized,
            folder,
            $"{folder} is not quantized: its config.json has no quantization_config. Quantize it with Invoke-OneCompQuantization first.");
        var decoders = LayerDecoders.For(settings, folder);
        return new QuantizedModel(CausalModel.Open(folder, decoders), settings, decoders);
    }

    /// <summary>As <see cref="Open"/>, for a folder that may be plain too: it has no quantized layers then.</summary>
    /// <exception cref="ModelException">The folder is no model that can be read.</exception>
    /// <exception cref="QuantizedFormatException">It is quantized by a method that is not read here.</exception>
    public static QuantizedModel OpenAny(string folder) => QuantizationSettings.Of(ModelConfig.Load(folder)) is null
        ? new QuantizedModel(CausalModel.Open(folder), QuantizationSettings.None, LayerDecoders.None)
        : Open(folder);

    /// <summary>The reader of a quantized layer.</summary>
    public LayerReader ReaderOf(LinearLayer layer) => _decoders.ReaderOf(Model.Checkpoint, layer)!;

    /// <summary>How a layer is laid out.</summary>
    /// <exception cref="QuantizedFormatException">Its tensors do not fit.</exception>
    public LayerScheme SchemeOf(LinearLayer layer) => ReaderOf(layer).Scheme(Model.Checkpoint, layer);

    /// <summary>A layer's scales, zero points and groups; null where it is not on grids (DBF).</summary>
    /// <exception cref="QuantizedFormatException">Its tensors do not fit.</exception>
    public LayerGrid? GridOf(LinearLayer layer) => (ReaderOf(layer) as GridReader)?.ReadGrid(Model.Checkpoint, layer);

    /// <summary>A layer in its parts. The caller owns it.</summary>
    /// <exception cref="QuantizedFormatException">Its tensors do not fit.</exception>
    public QuantizedWeight Read(LinearLayer layer) => ReaderOf(layer).Read(Model.Checkpoint, layer);

    /// <summary>The quantized layer that a tensor belongs to; null for a tensor that stands for itself.</summary>
    public LinearLayer? LayerOf(string tensor) => _layerOfTensor.GetValueOrDefault(tensor);

    public void Dispose() => Model.Dispose();
}
