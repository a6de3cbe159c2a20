using OneComp.Errors;

namespace OneComp.Runtime.Cuda;

/// <summary>A GPU kernel of the engine cannot be compiled, loaded or run.</summary>
public sealed class KernelException : OneCompException
{
    internal KernelException(KernelError error, string subject, string message, Exception? innerException = null)
        : base("Kernel" + error, ErrorKind.ResourceUnavailable, subject, message, innerException) => Error = error;

    /// <summary>What went wrong.</summary>
    public KernelError Error { get; }
}
