using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Measuring;

/// <summary>Milliseconds of work on a device, which runs behind the calls that ask for it.</summary>
internal static class DeviceClock
{
    private const int Warm = 5; // memory that the allocator has to ask for, and this program's own code

    /// <summary>The median of several runs, after some that are not timed where there are several.</summary>
    /// <param name="device">Where the work is.</param>
    /// <param name="runs">How often.</param>
    /// <param name="prepare">Made before each run and not timed.</param>
    /// <param name="work">What is timed.</param>
    public static double Median<T>(Device device, int runs, Func<T> prepare, Action<T> work)
        where T : IDisposable
    {
        var times = new double[runs];
        for (var run = runs > 1 ? -Warm : 0; run < runs; run++)
        {
            using var scope = NewDisposeScope();
            using var input = prepare();
            Wait(device);
            var clock = Stopwatch.StartNew();
            work(input);
            Wait(device);
            if (run >= 0)
            {
                times[run] = clock.Elapsed.TotalMilliseconds;
            }
        }

        return times.Order().ElementAt(runs / 2);
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
