namespace OneComp.Runtime;

/// <summary>How much memory of each GPU the work at hand may take; threads and tasks that it starts have the same limit.</summary>
internal sealed class GpuMemoryLimit : IDisposable
{
    private static readonly AsyncLocal<long?> Limit = new();
    private readonly long? _before;

    private GpuMemoryLimit(long? bytes)
    {
        _before = Limit.Value;
        Limit.Value = bytes;
    }

    /// <summary>The limit in bytes; null for all there is.</summary>
    public static long? Bytes => Limit.Value;

    /// <summary>Sets it until disposed.</summary>
    /// <param name="gigabytes">In GB (1e9 bytes); null for none.</param>
    public static IDisposable Use(double? gigabytes) => new GpuMemoryLimit(gigabytes is { } given ? (long)(given * 1e9) : null);

    /// <summary>Of free bytes those that may be taken.</summary>
    public static long Within(long free) => Bytes is { } most ? Math.Min(most, free) : free;

    public void Dispose() => Limit.Value = _before;
}
