namespace OneComp.Errors;

/// <summary>How a run ended, as a process says it (docs/logs.md). OneComp.Host returns the same.</summary>
public enum RunExitCode
{
    /// <summary>Done.</summary>
    Done = 0,

    /// <summary>A fault of the program, the disk or the numbers.</summary>
    Failed = 1,

    /// <summary>The input, a setting or the machine does not fit; it will not by itself.</summary>
    BadInput = 2,

    /// <summary>Done, with something to look at.</summary>
    DoneWithWarnings = 3,

    /// <summary>The memory of the machine or the GPU did not suffice.</summary>
    OutOfMemory = 4,

    /// <summary>Stopped by Ctrl+C.</summary>
    Cancelled = 130,
}
