using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Measuring;

/// <summary>Milliseconds of work on a device, which runs behind the calls that ask for it.</summary>
internal static class DeviceClock
{
    private const int Warm = 5; // memory that the allocator has to ask for
    private const double WarmSeconds = 0.7; // this program's own code, and clocks that a GPU turns down while it has little to do

    /// <summary>The median of several runs, after some that are not timed where there are several.</summary>
    /// <param name="device">Where the work is.</param>
    /// <param name="runs">How often.</param>
    /// <param name="prepare">Made before each run and not timed.</param>
    /// <param name="work">What is timed.</param>
    public static double Median<T>(Device device, int runs, Func<T> prepare, Action<T> work)
        where T : IDisposable
    {
        var since = Stopwatch.StartNew();
        for (var run = 0; runs > 1 && (run < Warm || since.Elapsed.TotalSeconds < WarmSeconds); run++)
        {
            Once();
        }

        var times = Enumerable.Range(0, runs).Select(_ => Once()).ToList();
        return times.Order().ElementAt(runs / 2);

        double Once()
        {
            using var scope = NewDisposeScope();
            using var input = prepare();
            Wait(device);
            var clock = Stopwatch.StartNew();
            work(input);
            Wait(device);
            return clock.Elapsed.TotalMilliseconds;
        }
    }

    /// <summary>Waits until the device has done what it was asked for.</summary>
    public static void Wait(Device device)
    {
        if (device.type == DeviceType.CUDA)
        {
            cuda.synchronize(device);
        }
    }
}
