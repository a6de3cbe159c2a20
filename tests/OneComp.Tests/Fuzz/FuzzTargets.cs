using OneComp.Tests.Fuzz.Targets;

namespace OneComp.Tests.Fuzz;

/// <summary>Every reader of files that others may have made.</summary>
internal static class FuzzTargets
{
    /// <summary>The targets; their files go to a folder of the caller's.</summary>
    public static IReadOnlyList<FuzzTarget> All(Scratch scratch) =>
    [
        .. SafetensorsTargets.All(scratch),
        .. ConfigTargets.All(scratch),
        .. TokenizerTargets.All(scratch),
        .. QuantizedTargets.All(scratch),
        .. AssignmentTargets.All(scratch),
        .. RunTargets.All(scratch),
        .. QuantizerTargets.All(scratch),
        .. TextTargets.All(scratch),
        .. HubTargets.All(),
    ];
}
