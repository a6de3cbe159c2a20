using OneComp.Models;
using OneComp.Runtime;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Tests.Models;

/// <summary>Runs a whole model the plain way, for comparison.</summary>
internal static class ForwardPass
{
    /// <summary>Logits of a batch, on the CPU; the caller owns them.</summary>
    public static Tensor Logits(
        CausalModel model, Tensor ids, ScalarType dtype = ScalarType.Float32, Action<DecoderBlock>? prepare = null, Device? device = null)
    {
        device ??= CPU;
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var embedding = model.LoadEmbedding(device, dtype);
        var hidden = embedding.Forward(ids);
        for (var index = 0; index < model.Config.NumLayers; index++)
        {
            using var block = model.LoadBlock(index, device, dtype);
            prepare?.Invoke(block);
            hidden = block.Forward(hidden);
        }

        using var head = model.LoadHead(device, dtype);
        return head.Forward(hidden).cpu().MoveToOuterDisposeScope();
    }

    /// <summary>An I32 tensor of a file as int64 ids; the caller owns it.</summary>
    public static Tensor Ids(SafetensorsFile file, string name)
    {
        TorchRuntime.EnsureLoaded();
        var entry = file.Tensors[name];
        using var flat = tensor(Array.ConvertAll(file.ReadInt32(entry), id => (long)id));
        return flat.reshape([.. entry.Shape]);
    }

    /// <summary>A tensor of a file as F32; the caller owns it.</summary>
    public static Tensor Values(SafetensorsFile file, string name)
    {
        TorchRuntime.EnsureLoaded();
        var entry = file.Tensors[name];
        using var flat = tensor(file.ReadSingle(entry));
        return flat.reshape([.. entry.Shape]);
    }

    public static float MaxDifference(Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        return (left - right).abs().max().to(ScalarType.Float32).item<float>();
    }
}
