using OneComp.Formats;
using OneComp.Formats.CompressedTensors;
using OneComp.Models;
using OneComp.Quantization.Grids;
using OneComp.Untrusted;

namespace OneComp.Verification;

/// <summary>quantization_config against the tensors: a server believes the one and computes with the other.</summary>
internal static class SettingsChecks
{
    public static IEnumerable<(string Target, string Fault)> Faults(QuantizedModel model, IReadOnlyList<LinearLayer> sound, CancellationToken token)
    {
        var settings = model.Settings;
        if (settings.Method == PackedFormat.Instance.Method)
        {
            return PlainTargets(model); // its schemes are what the layers were read by
        }

        return sound.SelectMany(layer =>
        {
            token.ThrowIfCancellationRequested();
            return Faults(settings, layer, model);
        });
    }

    private static IEnumerable<(string Target, string Fault)> Faults(QuantizationSettings settings, LinearLayer layer, QuantizedModel model)
    {
        var (bits, groupSize) = settings.For(layer);
        var scheme = model.SchemeOf(layer);
        if (bits is { } said && said != scheme.Bits)
        {
            yield return (layer.Name, $"config.json says {said} bits; the tensors have {scheme.Bits}.");
        }

        if (scheme is not GroupScheme grid)
        {
            yield break;
        }

        if (groupSize is { } size && grid.GroupLength(layer.InFeatures) != new GroupScheme(grid.CodeBits, size, true).GroupLength(layer.InFeatures))
        {
            yield return (layer.Name, $"config.json says groups of {size}; the tensors have groups of {grid.GroupLength(layer.InFeatures)}.");
        }

        if (settings.Symmetric == true && !grid.Symmetric)
        {
            yield return (layer.Name, $"config.json says sym true, but not every zero point is {1 << (grid.CodeBits - 1)}: servers would leave them out.");
        }

        if (settings.Method == QuantizationConfig.MixedMethod && !settings.Names(layer))
        {
            yield return (layer.Name, "The layer is quantized, but quantization_bits does not name it.");
        }
    }

    private static IEnumerable<(string Target, string Fault)> PlainTargets(QuantizedModel model)
    {
        var schemes = PackedSchemes.Read(model.Settings.Raw, model.Model.Config.Folder);
        var quantized = model.Layers.ToHashSet();
        var ignored = model.Settings.Raw["ignore"] is System.Text.Json.Nodes.JsonArray list ? list.Select(name => name.AsText()).ToHashSet() : [];
        return model.Model.Topology.Layers
            .Where(layer => !quantized.Contains(layer) && schemes.For(layer) is not null && !ignored.Contains(layer.Name))
            .Select(layer => (layer.Name, "A config group targets the layer, but its weight is plain."));
    }
}
