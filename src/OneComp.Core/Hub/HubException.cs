using OneComp.Errors;

namespace OneComp.Hub;

/// <summary>A model of the Hugging Face hub cannot be had. Neither message nor subject ever holds a token.</summary>
public sealed class HubException : OneCompException
{
    internal HubException(HubError error, string? subject, string message, Exception? innerException = null)
        : base("Hub" + error, KindOf(error), subject, message, innerException) => Error = error;

    /// <summary>What is wrong.</summary>
    public HubError Error { get; }

    private static ErrorKind KindOf(HubError error) => error switch
    {
        HubError.NotInCache or HubError.ModelNotFound or HubError.RevisionNotFound or HubError.FileNotFound => ErrorKind.NotFound,
        HubError.Unreachable or HubError.AnswerFailed => ErrorKind.ResourceUnavailable,
        HubError.Gated or HubError.TokenRefused => ErrorKind.PermissionDenied,
        HubError.AnswerInvalid or HubError.FileNameUnsafe or HubError.TooLarge or HubError.HashMissing or HubError.HashMismatch => ErrorKind.InvalidData,
        HubError.PickledWeights => ErrorKind.NotSupported,
        HubError.FileExists => ErrorKind.AlreadyExists,
        HubError.DiskFull => ErrorKind.ReadOrWrite,
        _ => ErrorKind.InvalidArgument,
    };
}
