using OneComp.Errors;

namespace OneComp.Progress;

/// <summary>Something that happened in a run, with its numbers.</summary>
/// <param name="Id">What happened.</param>
/// <param name="Message">The same for people: a full sentence.</param>
public sealed record FactEvent(RunEventId Id, string Message) : RunEvent
{
    /// <summary>The sentence, without secrets and control characters.</summary>
    public string Message { get; init; } = MessageText.Clean(Message);

    /// <summary>Index of the block that it is about; null where it is about none.</summary>
    public int? Block { get; init; }

    /// <summary>Name of the layer that it is about; null where it is about none.</summary>
    public string? Layer { get; init; }

    /// <summary>Numbers by name, in the units that docs/logs.md says: <c>seconds</c>, <c>bits</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Numbers { get; init; } = [];

    /// <summary>The sentence: what a host shows of the information record.</summary>
    public override string ToString() => Message;
}
