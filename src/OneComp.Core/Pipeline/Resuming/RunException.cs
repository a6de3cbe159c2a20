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

    /// <summary>The calibration text gives other windows than when the run was begun.</summary>
    CalibrationChanged,

    /// <summary>What the run left is damaged.</summary>
    StateInvalid,
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
        _ => ErrorKind.InvalidArgument,
    };
}
