using OneComp.Errors;

namespace OneComp.Reports;

/// <summary>A file gives no plan.</summary>
public sealed class ImportException : OneCompException
{
    internal ImportException(ImportError error, string path, string message, Exception? innerException = null)
        : base($"Import{error}", KindOf(error), path, message, innerException) => Error = error;

    /// <summary>What is wrong.</summary>
    public ImportError Error { get; }

    private static ErrorKind KindOf(ImportError error) => error switch
    {
        ImportError.UnknownExtension => ErrorKind.InvalidArgument,
        ImportError.ReadFailed => ErrorKind.ReadOrWrite,
        _ => ErrorKind.InvalidData,
    };
}
