using OneComp.Models;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Formats;

/// <summary>Several decoders as one: each layer goes to the first that knows its tensors.</summary>
internal sealed class LayerDecoders(params IReadOnlyList<IWeightDecoder> decoders) : IWeightDecoder
{
    public bool CanDecode(Checkpoint checkpoint, LinearLayer layer) => decoders.Any(decoder => decoder.CanDecode(checkpoint, layer));

    public Tensor Decode(Checkpoint checkpoint, LinearLayer layer) =>
        decoders.First(decoder => decoder.CanDecode(checkpoint, layer)).Decode(checkpoint, layer);
}
