using OneComp.Errors;

namespace OneComp.Reports;

/// <summary>A report cannot be written.</summary>
public sealed class ReportException : OneCompException
{
    /// <summary>Makes the exception; its kind follows from <paramref name="error"/>.</summary>
    /// <param name="error">What is wrong.</param>
    /// <param name="subject">The file or layer at fault.</param>
    /// <param name="message">One or two full sentences.</param>
    /// <param name="innerException">What caused it.</param>
    public ReportException(ReportError error, string? subject, string message, Exception? innerException = null)
        : base($"Report{error}", KindOf(error), subject, message, innerException)
    {
        Error = error;
    }

    /// <summary>What is wrong.</summary>
    public ReportError Error { get; }

    private static ErrorKind KindOf(ReportError error) => error switch
    {
        ReportError.FileExists => ErrorKind.AlreadyExists,
        ReportError.FolderNotFound => ErrorKind.NotFound,
        ReportError.AccessDenied => ErrorKind.PermissionDenied,
        ReportError.WriteFailed => ErrorKind.ReadOrWrite,
        _ => ErrorKind.InvalidArgument,
    };
}
