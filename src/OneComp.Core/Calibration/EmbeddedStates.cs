using OneComp.Models;
using OneComp.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>The hidden states that go into the first block: token ids, embedded.</summary>
internal static class EmbeddedStates
{
    /// <summary>Embeds windows of one length. The caller owns the states.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">Windows of token ids; all of a batch have one length.</param>
    /// <param name="placement">Where to work.</param>
    /// <param name="type">Type that blocks compute in; the states have <see cref="ComputeType.OfStates"/> of it.</param>
    /// <param name="token">Asked before each batch.</param>
    public static HiddenStates Of(CausalModel model, IReadOnlyList<Tensor> ids, StatesPlacement placement, ScalarType type, CancellationToken token = default)
    {
        using var noGrad = no_grad();
        type = ComputeType.OfStates(type);
        var device = placement.Devices[0];
        using var embedding = model.LoadEmbedding(device, type);
        var bytes = ids.Sum(batch => batch.numel()) * model.Config.HiddenSize * type.ElementSize();
        return HiddenStates.Make(TokenBatches.Number(ids), placement, bytes, i => embedding.Forward(ids[i].to(device)), token);
    }

    /// <summary>Embeds calibration windows. The caller owns the states.</summary>
    /// <param name="model">The model.</param>
    /// <param name="windows">The windows, which are numbered in their order.</param>
    /// <param name="placement">Where to work.</param>
    /// <param name="type">As for windows in batches.</param>
    /// <param name="token">Asked before each batch.</param>
    public static HiddenStates Of(CausalModel model, TokenWindows windows, StatesPlacement placement, ScalarType type, CancellationToken token)
    {
        var ids = TokenBatches.Of(windows, placement);
        try
        {
            return Of(model, ids, placement, type, token);
        }
        finally
        {
            foreach (var batch in ids)
            {
                batch.Dispose();
            }
        }
    }
}
