using OneComp.Errors;

namespace OneComp.Runtime;

/// <summary>The device that was asked for cannot be used. The message names those that are present.</summary>
public sealed class DeviceException : OneCompException
{
    internal DeviceException(DeviceError error, string device, string message, Exception? innerException = null)
        : base($"Device{error}", KindOf(error), device, message, innerException) => Error = error;

    /// <summary>What went wrong.</summary>
    public DeviceError Error { get; }

    private static ErrorKind KindOf(DeviceError error) => error switch
    {
        DeviceError.NameInvalid => ErrorKind.InvalidArgument,
        DeviceError.NotPresent => ErrorKind.NotFound,
        DeviceError.Failed => ErrorKind.ReadOrWrite, // as a disk that goes
        _ => ErrorKind.ResourceUnavailable,
    };
}
