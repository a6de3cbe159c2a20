namespace OneComp.Quantization.AutoBit;

/// <summary>Finds fused groups whose layers are not laid out alike.</summary>
internal static class FusedSplits
{
    /// <summary>A sentence for each group that the plan splits.</summary>
    /// <param name="quantizer">Says which layers are fused.</param>
    /// <param name="layers">All layers that there are.</param>
    /// <param name="planned">The plan; a layer that is not in it keeps its weights.</param>
    public static IEnumerable<string> Of(AutoBitQuantizer quantizer, IReadOnlyList<Models.LinearLayer> layers, IEnumerable<PlannedLayer> planned)
    {
        var byName = planned.ToDictionary(layer => layer.Layer.Name);
        foreach (var group in FusedGroupMap.Of(layers, quantizer.FusedGroups))
        {
            var members = group.Select(l => (layers[l].Name, Planned: byName.GetValueOrDefault(layers[l].Name))).ToList();
            if (members.Select(member => member.Planned?.Scheme).Distinct().Count() > 1)
            {
                yield return "fused layers differ: " + string.Join(", ", members.Select(member => $"{member.Name} {member.Planned?.Quantizer.Name ?? "(as it is)"}"));
            }
        }
    }
}
