namespace OneComp.Runtime;

/// <summary>A processor that can do the work.</summary>
public sealed record ComputeDevice
{
    /// <summary>Name to ask for it by: <c>cpu</c>, <c>cuda:0</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What the maker calls it: <c>NVIDIA H200</c>.</summary>
    public required string DisplayName { get; init; }

    /// <summary><c>CPU</c> or <c>CUDA</c>.</summary>
    public required string Backend { get; init; }

    /// <summary>Memory in bytes: main memory (a container's limit counts) or the GPU's.</summary>
    public required long TotalMemoryBytes { get; init; }

    /// <summary>Bytes of it that are free now.</summary>
    public required long FreeMemoryBytes { get; init; }

    /// <summary>
    /// Bytes that a run may count on: what is free, or three quarters where less is, since what this process holds of earlier work is not free and can be used
    /// all the same.
    /// </summary>
    internal long UsableMemoryBytes => Math.Max(FreeMemoryBytes, TotalMemoryBytes / 4 * 3);

    /// <summary>
    /// For a GPU the CUDA version its driver offers (<c>CUDA 13.0</c>); for the CPU that of the tensor library's binding
    /// (<c>TorchSharp 0.107.0</c>).
    /// </summary>
    public required string LibraryVersion { get; init; }
}
