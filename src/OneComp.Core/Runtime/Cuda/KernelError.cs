namespace OneComp.Runtime.Cuda;

/// <summary>Why the engine's own GPU kernels cannot be used; the error id is <c>Kernel</c> and the name.</summary>
public enum KernelError
{
    /// <summary>NVRTC, which compiles the kernels for the GPU in hand, is not found.</summary>
    CompilerNotFound,

    /// <summary>NVRTC is there but does not load, or is not usable.</summary>
    CompilerFailed,

    /// <summary>NVRTC refuses the kernels' source.</summary>
    CompilationFailed,

    /// <summary>The CUDA driver is missing or refuses a call.</summary>
    DriverFailed,
}
