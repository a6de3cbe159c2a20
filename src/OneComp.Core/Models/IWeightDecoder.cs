using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Models;

/// <summary>Reads weights that a checkpoint holds in a compressed form instead of as a plain tensor.</summary>
public interface IWeightDecoder
{
    /// <summary>Whether the checkpoint holds this layer in the decoder's form.</summary>
    bool CanDecode(Checkpoint checkpoint, LinearLayer layer);

    /// <summary>Restores a layer's weight.</summary>
    /// <returns>F32 on the CPU, (d_out, d_in). The caller owns it.</returns>
    Tensor Decode(Checkpoint checkpoint, LinearLayer layer);
}
