using OneComp.Runtime;
using OneComp.Runtime.Cuda;

namespace OneComp.Errors;

/// <summary>What an exception means for whoever started the work.</summary>
public static class Outcome
{
    // What libtorch and the CUDA runtime say, on the CPU of Linux and Windows and on a GPU.
    private static readonly string[] MemoryMessages =
        ["out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory", "CUBLAS_STATUS_ALLOC_FAILED"];

    /// <summary>Whether memory ran out: the machine's, or the GPU's.</summary>
    public static bool IsOutOfMemory(Exception exception) => exception switch
    {
        null => throw new ArgumentNullException(nameof(exception)),
        OutOfMemoryException => true,
        DeviceException fault => fault.Error == DeviceError.OutOfMemory,
        KernelException fault => fault.Message.Contains("OUT_OF_MEMORY", StringComparison.Ordinal), // as the driver calls it
        OneCompException => false,
        AggregateException several => several.Flatten().InnerExceptions.Any(IsOutOfMemory),
        System.Runtime.InteropServices.ExternalException => MemoryMessages.Any(message => exception.Message.Contains(message, StringComparison.OrdinalIgnoreCase)),
        _ => false,
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
}
