using OneComp.Models;

namespace OneComp.Quantization.AutoBit;

/// <summary>Finds the layers that share a fused group.</summary>
internal static class FusedGroupMap
{
    /// <summary>Indices into <paramref name="layers"/> of each group, block by block; groups of one are left out.</summary>
    public static IReadOnlyList<IReadOnlyList<int>> Of(IReadOnlyList<LinearLayer> layers, IReadOnlyList<IReadOnlyList<string>> fusedGroups) =>
        [.. layers
            .Select((layer, index) => (Index: index, layer.Block, Group: GroupOf(layer, fusedGroups)))
            .Where(item => item.Group >= 0)
            .GroupBy(item => (item.Block, item.Group), item => item.Index)
            .Select(group => (IReadOnlyList<int>)[.. group])
            .Where(group => group.Count > 1)];

    private static int GroupOf(LinearLayer layer, IReadOnlyList<IReadOnlyList<string>> fusedGroups)
    {
        for (var i = 0; i < fusedGroups.Count; i++)
        {
            if (fusedGroups[i].Any(module => layer.Module == module || layer.Module.EndsWith("." + module, StringComparison.Ordinal)))
            {
                return i;
            }
        }

        return -1;
    }
}
