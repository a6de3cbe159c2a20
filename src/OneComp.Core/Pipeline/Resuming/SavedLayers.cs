using System.Text.Json.Nodes;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Pipeline.Resuming;

/// <summary>Reads layers back that an earlier part of the run quantized, from files that are still being written.</summary>
internal sealed class SavedLayers : IDisposable
{
    private readonly Checkpoint _checkpoint;
    private readonly LayerDecoders _decoders;

    /// <summary>Opens the files.</summary>
    /// <exception cref="SafetensorsException">One breaks a rule of its format.</exception>
    public SavedLayers(string folder, IEnumerable<string> parts, QuantizationPlan plan, int blocks)
    {
        _checkpoint = Checkpoint.OpenUnfinished(folder, parts);
        _decoders = LayerDecoders.For(QuantizationSettings.Of(new JsonObject { ["quantization_config"] = QuantizationConfig.Of(plan, blocks) })!, folder);
    }

    /// <summary>Ŵ, (d_out, d_in), float32, on the CPU: what the block computed with after the layer was quantized. The caller owns it.</summary>
    /// <exception cref="QuantizedFormatException">A tensor does not fit the layer.</exception>
    public Tensor Weight(LinearLayer layer) => _decoders.Decode(_checkpoint, layer);

    public void Dispose() => _checkpoint.Dispose();
}
