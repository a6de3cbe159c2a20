using OneComp.Models;
using OneComp.Quantization;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Formats;

/// <summary>Reads layers that a checkpoint holds in one quantized form. One subclass for each form.</summary>
internal abstract class LayerReader : IWeightDecoder
{
    /// <summary>The form's name in quantization_config: <c>gptq</c>.</summary>
    public abstract string Method { get; }

    /// <inheritdoc/>
    public abstract bool CanDecode(Checkpoint checkpoint, LinearLayer layer);

    /// <summary>The tensors that stand for the layer's weight; a bias is not among them.</summary>
    public abstract IReadOnlyList<string> TensorNames(LinearLayer layer);

    /// <summary>How the layer is laid out, from small tensors alone.</summary>
    /// <exception cref="QuantizedFormatException">A tensor is missing, or its type, shape or values do not fit the layer.</exception>
    public abstract LayerScheme Scheme(Checkpoint checkpoint, LinearLayer layer);

    /// <summary>Reads a layer in the parts that it is saved in. The caller owns it.</summary>
    /// <exception cref="QuantizedFormatException">As for <see cref="Scheme"/>.</exception>
    public abstract QuantizedWeight Read(Checkpoint checkpoint, LinearLayer layer);

    /// <summary>Ŵ, F32 on the CPU. The caller owns it.</summary>
    /// <exception cref="QuantizedFormatException">As for <see cref="Scheme"/>.</exception>
    public Tensor Decode(Checkpoint checkpoint, LinearLayer layer)
    {
        using var weight = Read(checkpoint, layer);
        return weight.Dequantize();
    }
}
