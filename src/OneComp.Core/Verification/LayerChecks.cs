using OneComp.Formats;
using OneComp.Models;
using OneComp.Quantization.Grids;

namespace OneComp.Verification;

/// <summary>Quantized layers: their tensors by themselves.</summary>
internal static class LayerChecks
{
    /// <summary>Types, shapes, finite scales, groups in range.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sound">Gets the layers without fault, for the checks that read on.</param>
    /// <param name="token">Stops.</param>
    public static IEnumerable<(string Target, string Fault)> Layouts(QuantizedModel model, List<LinearLayer> sound, CancellationToken token)
    {
        if (model.Layers.Count == 0)
        {
            yield return (Path.GetFileName(model.Model.Config.Folder), "config.json has a quantization_config, but no layer is quantized.");
        }

        foreach (var layer in model.Layers)
        {
            token.ThrowIfCancellationRequested();
            if (CheckList.FaultOf(() => ReadLayout(model, layer)) is { } fault)
            {
                yield return (layer.Name, fault);
            }
            else
            {
                sound.Add(layer);
            }
        }
    }

    // A factorization is small and has no part to look at by itself.
    private static void ReadLayout(QuantizedModel model, LinearLayer layer)
    {
        if (model.GridOf(layer) is null)
        {
            model.Read(layer).Dispose();
        }
    }

    /// <summary>Zero points: 1 to 2^b - 1, which is what gptq v1 can say; 0 too in v2.</summary>
    public static IEnumerable<(string Target, string Fault)> Zeros(QuantizedModel model, IReadOnlyList<LinearLayer> sound, CancellationToken token)
    {
        var least = model.Settings.CheckpointFormat == "gptq_v2" ? 0 : 1;
        foreach (var (layer, grid) in Grids(model, sound, token))
        {
            var (min, max, most) = (grid.Zeros.Min(), grid.Zeros.Max(), (1 << grid.Bits) - 1);
            if (min < least || max > most)
            {
                yield return (layer.Name, $"Zero points lie in {min}..{max}; {least}..{most} is expected of {grid.Bits} bits. Loaders read {most + 1} in two ways.");
            }
        }
    }

    /// <summary>Groups: full but for the last, and in order unless config.json says desc_act.</summary>
    public static IEnumerable<(string Target, string Fault)> Groups(QuantizedModel model, IReadOnlyList<LinearLayer> sound, CancellationToken token)
    {
        foreach (var (layer, grid) in Grids(model, sound, token))
        {
            var length = grid.Scheme.GroupLength(layer.InFeatures);
            var counts = new int[grid.Groups];
            foreach (var group in grid.GroupIndex)
            {
                counts[group]++;
            }

            var uneven = counts.Select((count, group) => (count, group)).Where(pair => pair.count != Math.Min(length, layer.InFeatures - (pair.group * length))).ToList();
            if (uneven.Count > 0)
            {
                yield return (layer.Name, $"g_idx gives group {uneven[0].group} {uneven[0].count} columns where {Math.Min(length, layer.InFeatures - (uneven[0].group * length))} are expected.");
            }
            else if (model.Settings.ActOrder == false && !grid.IsInOrder)
            {
                yield return (layer.Name, "g_idx has columns in another order than their groups, but config.json says desc_act false: servers would ignore g_idx.");
            }
        }
    }

    /// <summary>Codes: a layer whose codes are all alike was never written, or of nothing but zeros.</summary>
    public static IEnumerable<(string Target, string Fault)> Codes(QuantizedModel model, IReadOnlyList<LinearLayer> sound, CancellationToken token)
    {
        foreach (var layer in sound)
        {
            token.ThrowIfCancellationRequested();
            using var weight = model.Read(layer);
            if (weight is GroupedWeight grid)
            {
                using var scope = TorchSharp.torch.NewDisposeScope();
                var (least, most) = grid.Codes.aminmax();
                if (least.item<byte>() == most.item<byte>() && grid.Codes.numel() > 1)
                {
                    yield return (layer.Name, $"Every code is {least.item<byte>()}.");
                }
            }
        }
    }

    private static IEnumerable<(LinearLayer Layer, LayerGrid Grid)> Grids(QuantizedModel model, IReadOnlyList<LinearLayer> sound, CancellationToken token)
    {
        foreach (var layer in sound)
        {
            token.ThrowIfCancellationRequested();
            if (model.GridOf(layer) is { } grid)
            {
                yield return (layer, grid);
            }
        }
    }
}
