using OneComp.Errors;

namespace OneComp.Progress;

/// <summary>What a long operation tells while it works, through <see cref="IProgress{T}"/>.</summary>
public abstract record RunEvent;

/// <summary>How far an activity is.</summary>
/// <param name="Level">Nesting: 0 the run, 1 a block of it, 2 a stage of a block.</param>
/// <param name="Activity">What is being done: "Quantizing tiny-llama".</param>
/// <param name="Status">Where it stands: "block 3 of 6".</param>
/// <param name="Done">Units finished.</param>
/// <param name="Total">Units in all; 0 where unknown.</param>
public sealed record ProgressEvent(int Level, string Activity, string Status, long Done, long Total) : RunEvent
{
    /// <summary>What is counted, for a rate: weights, layers; null for a count that tells nothing of the speed.</summary>
    public string? Unit { get; init; }

    /// <summary>True when nothing is left to do at this level.</summary>
    public bool IsComplete => Total > 0 && Done >= Total;
}

/// <summary>Something the user should know although the work goes on.</summary>
/// <param name="Message">A full sentence that names the layer or file.</param>
public sealed record WarningEvent(string Message) : RunEvent
{
    /// <summary>The sentence, without secrets and control characters.</summary>
    public string Message { get; init; } = MessageText.Clean(Message);
}

/// <summary>A detail for logs.</summary>
/// <param name="Message">A full sentence.</param>
public sealed record VerboseEvent(string Message) : RunEvent
{
    /// <summary>The sentence, without secrets and control characters.</summary>
    public string Message { get; init; } = MessageText.Clean(Message);
}
