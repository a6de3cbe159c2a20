namespace OneComp.Hub;

/// <summary>What to fetch and where to.</summary>
public sealed record HubDownloadOptions
{
    /// <summary>The model.</summary>
    public required HubModelId Id { get; init; }

    /// <summary>What of it, where no <see cref="Include"/> is given.</summary>
    public ModelNeed Need { get; init; } = ModelNeed.Weights;

    /// <summary>A folder of its own; null for the cache.</summary>
    public string? Destination { get; init; }

    /// <summary>Patterns (* and ?) of the paths to fetch, in place of what <see cref="Need"/> says.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Patterns of paths to leave out.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>True to replace files that are there.</summary>
    public bool Force { get; init; }
}
