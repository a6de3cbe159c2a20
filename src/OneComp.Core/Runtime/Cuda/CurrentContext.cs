namespace OneComp.Runtime.Cuda;

/// <summary>Makes a context of the CUDA driver the calling thread's; once disposed, the thread has its former context back.</summary>
internal readonly ref struct CurrentContext
{
    private readonly CudaApi _driver;

    /// <summary>Pushes a context.</summary>
    /// <exception cref="KernelException">The driver refuses it.</exception>
    public CurrentContext(CudaApi driver, nint context)
    {
        _driver = driver;
        _driver.Push(context);
    }

    /// <summary>Pops it.</summary>
    public void Dispose() => _driver.Pop();
}
