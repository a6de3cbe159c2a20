using OneComp.Errors;

namespace OneComp.Pipeline;

/// <summary>Ways in which an output folder cannot be used.</summary>
public enum DestinationError
{
    /// <summary>It is there and not to be replaced.</summary>
    Exists,

    /// <summary>It is the model's folder, lies in it or holds it.</summary>
    OverlapsSource,

    /// <summary>A file has its name or that of a folder above it, or it has no name.</summary>
    NotAFolder,

    /// <summary>The system refuses to write it.</summary>
    NotWritable,

    /// <summary>Another run writes it, or one on another machine may.</summary>
    Locked,

    /// <summary>Its lock is damaged, so that nobody knows whose it is.</summary>
    LockUnreadable,
}

/// <summary>An output folder cannot be used.</summary>
public sealed class DestinationException : OneCompException
{
    internal DestinationException(DestinationError error, string path, string message, Exception? innerException = null)
        : base("Destination" + error, KindOf(error), path, message, innerException) => Error = error;

    /// <summary>What is wrong.</summary>
    public DestinationError Error { get; }

    private static ErrorKind KindOf(DestinationError error) => error switch
    {
        DestinationError.Exists or DestinationError.Locked => ErrorKind.AlreadyExists,
        DestinationError.LockUnreadable => ErrorKind.InvalidData,
        DestinationError.NotWritable => ErrorKind.PermissionDenied,
        _ => ErrorKind.InvalidArgument,
    };
}
