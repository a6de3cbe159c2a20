using System.Runtime.InteropServices;
using OneComp.Errors;
using OneComp.Logs;
using OneComp.Pipeline;
using OneComp.Pipeline.Resuming;
using OneComp.Runtime.Cuda;

namespace OneComp.Tests.Logs;

public class OutcomeTests
{
    public static TheoryData<Exception, RunExitCode> Exceptions => new()
    {
        { new InsufficientMemoryException(), RunExitCode.OutOfMemory },
        { new LibraryFault("CUDA out of memory. Tried to allocate 2.00 GiB."), RunExitCode.OutOfMemory },
        { new LibraryFault("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."), RunExitCode.OutOfMemory },
        { new LibraryFault("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."), RunExitCode.OutOfMemory },
        { new LibraryFault("CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`"), RunExitCode.OutOfMemory },
        { new LibraryFault("cusolver error: CUSOLVER_STATUS_INTERNAL_ERROR, when calling `cusolverDnCreate(handle)`"), RunExitCode.OutOfMemory },
        { new KernelException(KernelError.DriverFailed, "cublasCreate", "cuBLAS answers cublasCreate with CUBLAS_STATUS_ALLOC_FAILED."), RunExitCode.OutOfMemory },
        { new KernelException(KernelError.DriverFailed, "cuLaunchKernel", "The CUDA driver answers cuLaunchKernel with CUDA_ERROR_OUT_OF_MEMORY."), RunExitCode.OutOfMemory },
        { new KernelException(KernelError.CompilerNotFound, "nvrtc", "NVRTC is not found."), RunExitCode.BadInput },
        { new AggregateException(new InsufficientMemoryException()), RunExitCode.OutOfMemory },
        { new LibraryFault("mat1 and mat2 shapes cannot be multiplied"), RunExitCode.Failed },
        { new OperationCanceledException(), RunExitCode.Cancelled },
        { new LogException(LogError.NotWritable, "x", "x"), RunExitCode.BadInput },
        { new DestinationException(DestinationError.Exists, "x", "x"), RunExitCode.BadInput },
        { new RunException(RunError.MemoryTooSmall, "x", "x"), RunExitCode.OutOfMemory },
        { new DestinationException(DestinationError.DiskFull, "x", "x"), RunExitCode.Failed },
        { new IOException("disk full"), RunExitCode.Failed },
        { new InvalidOperationException(), RunExitCode.Failed },
    };

    [Theory]
    [MemberData(nameof(Exceptions))]
    public void An_exception_has_its_exit_code(Exception exception, RunExitCode expected) => Assert.Equal(expected, Outcome.Of(exception));

    private sealed class LibraryFault(string message) : ExternalException(message);
}
