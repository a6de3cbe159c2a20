using OneComp.Errors;

namespace OneComp.Estimation;

/// <summary>Ways in which an estimate cannot be made.</summary>
public enum EstimationError
{
    /// <summary>The model fits at no bit width.</summary>
    ModelTooLarge,

    /// <summary>No memory size was given, and there is no GPU to ask.</summary>
    NoGpu,

    /// <summary>A setting was given that the method does not use.</summary>
    SettingNotUsed,
}

/// <summary>An estimate cannot be made.</summary>
public sealed class EstimationException : OneCompException
{
    internal EstimationException(EstimationError error, string? subject, string message)
        : base("Estimate" + error, error == EstimationError.NoGpu ? ErrorKind.ResourceUnavailable : ErrorKind.InvalidArgument, subject, message) =>
        Error = error;

    /// <summary>What is wrong.</summary>
    public EstimationError Error { get; }
}
