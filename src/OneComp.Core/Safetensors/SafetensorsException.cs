using OneComp.Errors;

namespace OneComp.Safetensors;

/// <summary>A safetensors file, index or folder that cannot be used; the message names it and the rule it breaks.</summary>
public sealed class SafetensorsException : OneCompException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="error">The rule that is broken.</param>
    /// <param name="subject">Path of the file or folder at fault.</param>
    /// <param name="message">What was found, what was expected, what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public SafetensorsException(SafetensorsError error, string? subject, string message, Exception? innerException = null)
        : base($"Safetensors{error}", KindOf(error), subject, message, innerException) => Error = error;

    /// <summary>The rule that is broken.</summary>
    public SafetensorsError Error { get; }

    private static ErrorKind KindOf(SafetensorsError error) => error switch
    {
        SafetensorsError.FileNotFound or SafetensorsError.FolderNotFound or SafetensorsError.CheckpointNotFound
            or SafetensorsError.IndexShardMissing or SafetensorsError.TensorNotFound => ErrorKind.NotFound,
        SafetensorsError.FileUnreadable or SafetensorsError.FileUnwritable or SafetensorsError.LinkOutsideFolder => ErrorKind.PermissionDenied,
        SafetensorsError.ReadFailed or SafetensorsError.WriteFailed or SafetensorsError.DiskFull => ErrorKind.ReadOrWrite,
        SafetensorsError.DTypeNotSupported or SafetensorsError.TensorTooLarge or SafetensorsError.PickledWeights => ErrorKind.NotSupported,
        SafetensorsError.NameNotAllowed or SafetensorsError.PieceOutsideTensor => ErrorKind.InvalidArgument,
        SafetensorsError.TensorIncomplete => ErrorKind.InvalidResult,
        _ => ErrorKind.InvalidData,
    };
}
