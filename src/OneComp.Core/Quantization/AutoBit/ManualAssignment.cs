using OneComp.Models;

namespace OneComp.Quantization.AutoBit;

/// <summary>Assignment by the candidates' own selection rules.</summary>
internal static class ManualAssignment
{
    /// <summary>Gives each layer the first candidate that takes it; a layer that none takes stays as it is.</summary>
    public static IReadOnlyList<PlannedLayer> Of(AutoBitQuantizer quantizer, IReadOnlyList<LinearLayer> layers)
    {
        var taken = quantizer.Quantizers
            .Select(candidate => (Candidate: candidate, Names: candidate.Selection.Select(layers).Select(layer => layer.Name).ToHashSet()))
            .ToList();
        return [.. layers
            .Select(layer => (Layer: layer, taken.FirstOrDefault(rule => rule.Names.Contains(layer.Name)).Candidate))
            .Where(pair => pair.Candidate is not null)
            .Select(pair => new PlannedLayer(pair.Layer, pair.Candidate))];
    }
}
