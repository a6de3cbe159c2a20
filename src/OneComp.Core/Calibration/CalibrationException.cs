using OneComp.Errors;

namespace OneComp.Calibration;

/// <summary>Calibration or evaluation data that cannot be used.</summary>
public sealed class CalibrationException : OneCompException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="error">Which rule was broken.</param>
    /// <param name="subject">The file, or the option, at fault.</param>
    /// <param name="message">What was found, what was expected and what to do.</param>
    /// <param name="innerException">What caused it.</param>
    public CalibrationException(CalibrationError error, string? subject, string message, Exception? innerException = null)
        : base($"Calibration{error}", KindOf(error), subject, message, innerException) => Error = error;

    /// <summary>Which rule was broken.</summary>
    public CalibrationError Error { get; }

    private static ErrorKind KindOf(CalibrationError error) => error switch
    {
        CalibrationError.OptionOutOfRange or
        CalibrationError.PathIsFolder or
        CalibrationError.SeveralTokenTensors => ErrorKind.InvalidArgument,
        CalibrationError.FileNotFound or
        CalibrationError.MissingField or
        CalibrationError.MissingColumn or
        CalibrationError.TensorNotFound => ErrorKind.NotFound,
        CalibrationError.UnknownExtension or
        CalibrationError.TextFileTooLarge or
        CalibrationError.TokenTensorTooLarge => ErrorKind.NotSupported,
        CalibrationError.AccessDenied => ErrorKind.PermissionDenied,
        CalibrationError.ReadFailed => ErrorKind.ReadOrWrite,
        _ => ErrorKind.InvalidData,
    };
}
