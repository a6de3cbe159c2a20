using System.Management.Automation;
using OneComp.Errors;

namespace OneComp.Hosting;

/// <summary>The one table from the engine's exceptions to PowerShell's error ids and categories.</summary>
internal static class ErrorRecords
{
    /// <summary>The record for an exception of the engine or the system.</summary>
    /// <param name="exception">What was thrown. Of several from parallel work, the first that a user can act on counts.</param>
    /// <param name="target">What the cmdlet was working on, where the exception does not say it.</param>
    public static ErrorRecord From(Exception exception, object? target = null) => Unwrap(exception) switch
    {
        OneCompException e => new(e, e.ErrorId, CategoryOf(e.Kind), e.Subject ?? target),
        UnauthorizedAccessException e => new(e, "OneCompAccessDenied", ErrorCategory.PermissionDenied, target),
        FileNotFoundException e => new(e, "OneCompFileNotFound", ErrorCategory.ObjectNotFound, e.FileName ?? target),
        DirectoryNotFoundException e => new(e, "OneCompFolderNotFound", ErrorCategory.ObjectNotFound, target),
        IOException e => new(e, "OneCompReadOrWriteFailed", ErrorCategory.WriteError, target),
        var e when Outcome.IsOutOfMemory(e) => OutOfMemory(e, target),
        var e => new(e, "OneCompInternalError", ErrorCategory.InvalidOperation, target),
    };

    // What the libraries say of it is long, and does not say what to do.
    private static ErrorRecord OutOfMemory(Exception exception, object? target) =>
        new(exception, "OneCompOutOfMemory", ErrorCategory.ResourceUnavailable, target)
        {
            ErrorDetails = new ErrorDetails($"Memory ran out: {exception.Message.Split('\n')[0].TrimEnd('.', ' ')}. Fewer or shorter windows (-NumCalibrationSamples, -MaxLength) need less; -Device cpu uses the machine's memory instead of the GPU's."),
        };

    private static Exception Unwrap(Exception exception) => exception is AggregateException { InnerExceptions.Count: > 0 } several
        ? several.Flatten().InnerExceptions.OrderByDescending(inner => inner is OneCompException).First()
        : exception;

    private static ErrorCategory CategoryOf(ErrorKind kind) => kind switch
    {
        ErrorKind.InvalidData => ErrorCategory.InvalidData,
        ErrorKind.InvalidArgument => ErrorCategory.InvalidArgument,
        ErrorKind.NotFound => ErrorCategory.ObjectNotFound,
        ErrorKind.AlreadyExists => ErrorCategory.ResourceExists,
        ErrorKind.PermissionDenied => ErrorCategory.PermissionDenied,
        ErrorKind.ReadOrWrite => ErrorCategory.WriteError,
        ErrorKind.NotSupported => ErrorCategory.NotImplemented,
        ErrorKind.ResourceUnavailable or ErrorKind.NotEnoughMemory => ErrorCategory.ResourceUnavailable,
        ErrorKind.InvalidResult => ErrorCategory.InvalidResult,
        _ => ErrorCategory.InvalidOperation,
    };
}
