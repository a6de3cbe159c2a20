using OneComp.Runtime;
using OneComp.Runtime.Cuda;

namespace OneComp.Errors;

/// <summary>What an exception means for whoever started the work.</summary>
public static class Outcome
{
    // What libtorch, the CUDA runtime and driver say, on the CPU of Linux and Windows and on a GPU; and the libraries that cannot begin on a
    // GPU that is full, which call that an internal error or not initialized.
    private static readonly string[] MemoryMessages =
        ["out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory", "STATUS_ALLOC_FAILED", "OUT_OF_MEMORY", "cublasCreate(", "cusolverDnCreate("];

    /// <summary>Whether memory ran out: the machine's, or the GPU's.</summary>
    public static bool IsOutOfMemory(Exception exception) => exception switch
    {
        null => throw new ArgumentNullException(nameof(exception)),
        OutOfMemoryException => true,
        DeviceException fault => fault.Error == DeviceError.OutOfMemory,
        KernelException fault => Says(fault, MemoryMessages),
        OneCompException => false,
        AggregateException several => several.Flatten().InnerExceptions.Any(IsOutOfMemory),
        System.Runtime.InteropServices.ExternalException => Says(exception, MemoryMessages),
        _ => false,
    };

    /// <summary>Of those for which <see cref="IsOutOfMemory"/> is true: whether it was the machine's memory, whatever the device.</summary>
    internal static bool IsOutOfMainMemory(Exception exception) => exception switch
    {
        OutOfMemoryException => true,
        AggregateException several => several.Flatten().InnerExceptions.Any(IsOutOfMainMemory),
        _ => Says(exception, "DefaultCPUAllocator"),
    };

    /// <summary>The exit code for an exception that ended a run.</summary>
    public static RunExitCode Of(Exception exception) => exception switch
    {
        OperationCanceledException => RunExitCode.Cancelled,
        OneCompException { Kind: ErrorKind.NotEnoughMemory } => RunExitCode.OutOfMemory,
        _ when IsOutOfMemory(exception) => RunExitCode.OutOfMemory,
        OneCompException { Kind: ErrorKind.ReadOrWrite or ErrorKind.InvalidResult } => RunExitCode.Failed,
        OneCompException or UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException => RunExitCode.BadInput,
        _ => RunExitCode.Failed,
    };

    private static bool Says(Exception exception, params string[] messages) => messages.Any(message => exception.Message.Contains(message, StringComparison.OrdinalIgnoreCase));
}
