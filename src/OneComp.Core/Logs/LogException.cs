using OneComp.Errors;

namespace OneComp.Logs;

/// <summary>Ways in which a log cannot be written.</summary>
public enum LogError
{
    /// <summary>The system refuses to make or open the file.</summary>
    NotWritable,
}

/// <summary>A log cannot be written.</summary>
public sealed class LogException : OneCompException
{
    internal LogException(LogError error, string path, string message, Exception? innerException = null)
        : base("Log" + error, ErrorKind.PermissionDenied, path, message, innerException) => Error = error;

    /// <summary>What is wrong.</summary>
    public LogError Error { get; }
}
