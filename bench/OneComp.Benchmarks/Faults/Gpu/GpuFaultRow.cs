using System.Globalization;

namespace OneComp.Benchmarks.Faults.Gpu;

/// <summary>What was tried on a GPU, and what came of it.</summary>
internal sealed record GpuFaultRow
{
    /// <summary>The phase, or what several processes did.</summary>
    public required string Phase { get; init; }

    /// <summary>What the job was.</summary>
    public required string Job { get; init; }

    /// <summary>Bytes that were left free; null where nothing was taken.</summary>
    public long? Left { get; init; }

    /// <summary>Bytes that the phase takes when nothing is short; null where that was not measured.</summary>
    public long? Needed { get; init; }

    /// <summary>"went on", or the id of the error; the type of one that is none of ours.</summary>
    public required string Ended { get; init; }

    /// <summary>How often less was taken at a time.</summary>
    public int Halvings { get; init; }

    /// <summary>The error's message.</summary>
    public string? Message { get; init; }

    /// <summary>Whether the error is ours and says what is needed and what to do; true where there was none.</summary>
    public bool IsNamed { get; init; } = true;

    /// <summary>Bytes of the device that were not free again once it was over; null where that cannot be told.</summary>
    public long? NotFreed { get; init; }

    /// <summary>How the result, of the run that went on or of -Resume, stands to that of an undisturbed run.</summary>
    public string Result { get; init; } = "";

    /// <summary>What was left beside the result.</summary>
    public IReadOnlyList<string> LeftOver { get; init; } = [];

    /// <summary>Whether no file of the model changed.</summary>
    public bool SourceUntouched { get; init; } = true;

    /// <summary>Whether all is as it should be.</summary>
    public bool Right { get; init; }

    /// <summary>Seconds of all of it.</summary>
    public double Seconds { get; init; }

    /// <summary>As a row of the table of faults.</summary>
    public FaultRow ToFaultRow() => new("gpu", $"{Phase}{(Left is { } left ? $", {MB(left)} MB left" : "")}{(Needed is { } needed ? $" of {MB(needed)} that it takes" : "")}", 1, Right ? 1 : 0, Happened());

    /// <summary>What happened, in short.</summary>
    public string Happened() => string.Join("; ", new[]
    {
        Ended == "went on" ? $"went on, halved {Halvings} times" : $"`{Ended}`{(Halvings > 0 ? $" after {Halvings} halvings" : "")}{(IsNamed ? "" : " WITHOUT what is needed or what to do: " + Message)}",
        NotFreed is { } bytes ? $"{MB(Math.Max(0, bytes))} MB not free afterwards" : "",
        Result,
        LeftOver.Count > 0 ? $"left over: {string.Join(", ", LeftOver)}" : "",
        SourceUntouched ? "" : "THE SOURCE WAS CHANGED",
    }.Where(part => part.Length > 0));

    private static string MB(long bytes) => (bytes / 1e6).ToString("0", CultureInfo.InvariantCulture);
}
