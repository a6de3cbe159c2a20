using System.Globalization;
using OneComp.Errors;
using OneComp.Safetensors;

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

    /// <summary>It was there and is not any more: a share, or a disk that was taken away.</summary>
    Gone,

    /// <summary>Its disk, or the user's quota of it, is full or will not suffice.</summary>
    DiskFull,

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

    /// <summary>The error for what the system threw as the destination was to be written.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="failed">What failed, after its name: <c>cannot be locked</c>.</param>
    /// <param name="advice">What to do, where the disk is not full.</param>
    /// <param name="cause">What was thrown.</param>
    internal static DestinationException Of(string destination, string failed, string advice, Exception cause) =>
        IsDiskFull(cause) ? OfFullDisk(destination, cause) : new(DestinationError.NotWritable, destination, $"'{destination}' {failed}: {cause.Message} {advice}", cause);

    /// <summary>The error for a disk that became full.</summary>
    internal static DestinationException OfFullDisk(string destination, Exception cause)
    {
        var free = cause is not SafetensorsException && DiskSpace.FreeAt(Path.GetDirectoryName(Path.GetFullPath(destination))!) is { } bytes
            ? string.Create(CultureInfo.InvariantCulture, $" {bytes} bytes are free there. Free space or choose another -Destination.")
            : ""; // that of a file says it
        return new(DestinationError.DiskFull, destination, $"The disk of '{destination}' is full. {cause.Message}{free}", cause);
    }

    /// <summary>Whether an exception, of ours or of the system, says that a disk is full.</summary>
    internal static bool IsDiskFull(Exception cause) => cause is SafetensorsException { Error: SafetensorsError.DiskFull } || FileErrors.IsDiskFull(cause);

    private static ErrorKind KindOf(DestinationError error) => error switch
    {
        DestinationError.Exists or DestinationError.Locked => ErrorKind.AlreadyExists,
        DestinationError.LockUnreadable => ErrorKind.InvalidData,
        DestinationError.NotWritable => ErrorKind.PermissionDenied,
        DestinationError.DiskFull or DestinationError.Gone => ErrorKind.ReadOrWrite,
        _ => ErrorKind.InvalidArgument,
    };
}
