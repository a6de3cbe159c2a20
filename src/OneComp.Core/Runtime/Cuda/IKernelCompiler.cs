namespace OneComp.Runtime.Cuda;

/// <summary>Turns CUDA C++ into code for one GPU.</summary>
internal interface IKernelCompiler
{
    /// <summary>Part of what the result depends on: <c>NVRTC 13.0</c>.</summary>
    string Version { get; }

    /// <summary>Compiles <paramref name="source"/> for compute capability <paramref name="capability"/> (90 for 9.0).</summary>
    /// <returns>A cubin, or PTX where the compiler is older than the GPU.</returns>
    /// <exception cref="KernelException">The source is refused; the message holds the log.</exception>
    byte[] Compile(string source, int capability);
}
