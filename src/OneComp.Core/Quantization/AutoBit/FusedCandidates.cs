using System.Globalization;
using OneComp.Models;

namespace OneComp.Quantization.AutoBit;

/// <summary>
/// Holds candidates to fused groups: one candidate for a group is one layout for it only where the candidate treats its members
/// alike, which bits by module need not do.
/// </summary>
internal static class FusedCandidates
{
    /// <summary>Checks every candidate against every group.</summary>
    /// <exception cref="AssignmentException">A candidate gives members of a group different layouts.</exception>
    public static void Check(AutoBitQuantizer quantizer, IReadOnlyList<LinearLayer> layers)
    {
        var groups = quantizer.EnableFusedGroups ? FusedGroupMap.Of(layers, quantizer.FusedGroups) : [];
        foreach (var candidate in quantizer.Quantizers)
        {
            if (groups.FirstOrDefault(group => group.Select(l => candidate.SchemeFor(layers[l])).Distinct().Count() > 1) is { } split)
            {
                var members = split.Select(l => string.Create(CultureInfo.InvariantCulture, $"{layers[l].Name} {candidate.SchemeFor(layers[l]).Bits:0.###} bits"));
                throw new AssignmentException(AssignmentError.FusedGroupSplit, candidate.Name, $"{candidate.Name}: its bits by module split layers that servers run as one: {string.Join(", ", members)}. Give them the same bits, or set {nameof(quantizer.EnableFusedGroups)} to false.");
            }
        }
    }
}
