using OneComp.Errors;

namespace OneComp.Models;

/// <summary>A model folder that cannot be read, or a model that cannot be run.</summary>
public sealed class ModelException : OneCompException
{
    internal ModelException(ModelError error, string subject, string message, Exception? innerException = null)
        : base($"Model{error}", KindOf(error), subject, message, innerException) => Error = error;

    /// <summary>What went wrong.</summary>
    public ModelError Error { get; }

    private static ErrorKind KindOf(ModelError error) => error switch
    {
        ModelError.ConfigNotFound => ErrorKind.NotFound,
        ModelError.ArchitectureUnknown or ModelError.RopeTypeUnknown or ModelError.ActivationUnknown => ErrorKind.NotSupported,
        ModelError.TensorOverflows or ModelError.TokenIdOutOfRange => ErrorKind.InvalidArgument,
        _ => ErrorKind.InvalidData,
    };
}
