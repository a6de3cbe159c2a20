using OneComp.Runtime;

namespace OneComp.Estimation;

/// <summary>The memory of this machine's GPU.</summary>
public static class GpuMemory
{
    /// <summary>Bytes of the first GPU.</summary>
    /// <exception cref="EstimationException">There is no GPU.</exception>
    public static long TotalOfFirst() =>
        ComputeDevices.List().FirstOrDefault(device => device.Name.StartsWith("cuda", StringComparison.Ordinal))?.TotalMemoryBytes
        ?? throw new EstimationException(EstimationError.NoGpu, "TotalVramGB", "This machine has no NVIDIA GPU whose memory could be read. Say for how much memory to estimate with -TotalVramGB.");
}
