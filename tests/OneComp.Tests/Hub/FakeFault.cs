namespace OneComp.Tests.Hub;

/// <summary>What goes wrong with an answer of the fake hub.</summary>
internal sealed record FakeFault
{
    /// <summary>Answer with this status and no body.</summary>
    public int? Status { get; init; }

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>In place of the list of files.</summary>
    public string? Body { get; init; }

    /// <summary>Break the connection after the byte at this offset of the file.</summary>
    public long? DropAt { get; init; }

    /// <summary>Send nothing more after the byte at this offset, and keep the connection.</summary>
    public long? StallAt { get; init; }

    /// <summary>End the body, as if whole, at this offset.</summary>
    public long? EndAt { get; init; }

    /// <summary>Send the whole file although a range was asked for.</summary>
    public bool IgnoreRange { get; init; }

    /// <summary>Send other bytes than the hash says.</summary>
    public bool Spoil { get; init; }

    /// <summary>Awaited before the answer.</summary>
    public Func<Task>? Wait { get; init; }
}
