using OneComp.Errors;

namespace OneComp.Pipeline.Resuming;

/// <summary>Ways in which an unfinished run stands in the way, or cannot go on.</summary>
public enum RunError
{
    /// <summary>An unfinished run is there, and nothing was said about it.</summary>
    Unfinished,

    /// <summary>A setting is not what the run was begun with.</summary>
    SettingChanged,

    /// <summary>A file of the model is not what it was when the run was begun.</summary>
    SourceChanged,

    /// <summary>The model's folder cannot be read any more.</summary>
    SourceGone,

    /// <summary>The calibration text gives other windows than when the run was begun.</summary>
    CalibrationChanged,

    /// <summary>What the run left is damaged.</summary>
    StateInvalid,

    /// <summary>The run needs more memory than there is.</summary>
    MemoryTooSmall,
}

/// <summary>An unfinished run stands in the way, or cannot go on.</summary>
public sealed class RunException : OneCompException
{
    internal RunException(RunError error, string? subject, string message, Exception? innerException = null)
        : base("Run" + error, KindOf(error), subject, message, innerException) => Error = error;

    /// <summary>What is wrong.</summary>
    public RunError Error { get; }

    private static ErrorKind KindOf(RunError error) => error switch
    {
        RunError.Unfinished => ErrorKind.AlreadyExists,
        RunError.StateInvalid => ErrorKind.InvalidData,
        RunError.SourceGone => ErrorKind.ReadOrWrite,
        RunError.MemoryTooSmall => ErrorKind.NotEnoughMemory,
        _ => ErrorKind.InvalidArgument,
    };
}
