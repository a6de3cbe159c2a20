using System.Runtime.InteropServices;

namespace OneComp.Runtime;

/// <summary>The process's main memory.</summary>
internal static partial class HostMemory
{
    /// <summary>
    /// Gives freed memory back to the system. The GNU C library keeps what libtorch frees: the statistics pass on tiny-llama
    /// grew to 2.2 GB with 0.3 GB in use, and to 0.6 GB with a call after each block, which takes 10 to 80 ms. Nothing to do
    /// under other C libraries.
    /// </summary>
    public static void ReleaseFreed()
    {
        var now = Environment.TickCount64;
        if (Trim.Value && now - Interlocked.Read(ref _last) >= Milliseconds)
        {
            Interlocked.Exchange(ref _last, now);
            _ = MallocTrim(0);
        }
    }

    private const int Milliseconds = 200; // between two calls: blocks of small models take less
    private static long _last;

    private static readonly Lazy<bool> Trim = new(() =>
        OperatingSystem.IsLinux()
        && NativeLibrary.TryLoad("libc.so.6", out var library)
        && NativeLibrary.TryGetExport(library, "malloc_trim", out _));

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nint padding);
}
