namespace OneComp.Hub;

/// <summary>A model that was brought from the hub.</summary>
public sealed record SavedModel
{
    /// <summary>The folder that it is in; binds to -Model.</summary>
    public required string Model { get; init; }

    /// <summary>Its id on the hub.</summary>
    public required string Id { get; init; }

    /// <summary>The revision that was asked for.</summary>
    public required string Revision { get; init; }

    /// <summary>The commit that it is.</summary>
    public required string Commit { get; init; }

    /// <summary>Number of its files here.</summary>
    public required int Files { get; init; }

    /// <summary>Bytes of its files here.</summary>
    public required long Bytes { get; init; }

    /// <summary>Files that were not here before.</summary>
    public required int FilesFetched { get; init; }

    /// <summary>Bytes that came over the network.</summary>
    public required long BytesFetched { get; init; }

    /// <summary>Time from the first request to the last file in place.</summary>
    public required TimeSpan Elapsed { get; init; }
}
