namespace OneComp.Runtime;

/// <summary>What a GPU holds beside tensors: a fifth and a gigabyte (docs/performance.md).</summary>
internal static class GpuOverhead
{
    private const double Base = 1.0e9;  // the CUDA context and libraries
    private const double Slack = 1.2;   // what the allocator keeps of other sizes

    /// <summary>What tensors of so many bytes take of a GPU, with what CUDA and the tensor library keep.</summary>
    public static long Taken(long bytes) => (long)((bytes * Slack) + Base);

    /// <summary>Bytes of tensors that have room in so many bytes of a GPU; below 0 where CUDA alone has none.</summary>
    public static double Room(long bytes) => (bytes - Base) / Slack;
}
