using System.Diagnostics;
using System.Globalization;

namespace OneComp.Benchmarks.Export;

/// <summary>
/// The most memory of the process's own while something runs, sampled. Pages of mapped files are not counted where the system tells
/// them apart: it takes them back when it likes.
/// </summary>
internal sealed class PeakMemory : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);
    private readonly long _before;
    private readonly Thread _thread;
    private volatile bool _stop;
    private long _peak;

    public PeakMemory()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true); // what earlier work left must not hide what this takes
        _before = Now();
        _thread = new Thread(Sample) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Bytes beyond what there was at the start.</summary>
    public long Bytes => Interlocked.Read(ref _peak) - _before;

    public void Dispose()
    {
        _stop = true;
        _thread.Join();
    }

    private void Sample()
    {
        while (!_stop)
        {
            Interlocked.Exchange(ref _peak, Math.Max(Interlocked.Read(ref _peak), Now()));
            Thread.Sleep(Interval);
        }
    }

    private static long Now()
    {
        const string field = "RssAnon:";
        if (!OperatingSystem.IsLinux())
        {
            using var process = Process.GetCurrentProcess();
            return process.PrivateMemorySize64;
        }

        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }
}
