using System.Diagnostics;
using System.Globalization;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.EndToEnd;

/// <summary>A run that is stopped at some moments: seconds until it is back, and the GPU's memory that other programs have then.</summary>
internal static class StopCheck
{
    private const double Giga = 1e9;

    /// <summary>Stops a run after each of so many seconds and prints a line for each.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="run">The run.</param>
    public static void Run(Device device, Action<CancellationToken> run)
    {
        GpuPool.Empty(device);
        foreach (var seconds in (double[])[0.5, 1.0, 1.5, 2.0])
        {
            var before = Taken();
            using var stop = new CancellationTokenSource();
            var stopped = new Stopwatch();
            var taken = 0.0;
            using var timer = new Timer(
                _ =>
                {
                    taken = Taken();
                    stopped.Start();
                    stop.Cancel();
                },
                null,
                TimeSpan.FromSeconds(seconds),
                Timeout.InfiniteTimeSpan);
            try
            {
                run(stop.Token);
            }
            catch (OperationCanceledException)
            {
                // As it should be.
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"stopped after {seconds:0.0} s: back in {stopped.Elapsed.TotalSeconds:0.00} s; memory taken: {before:0.0} GB before, {taken:0.0} GB then, {Taken():0.0} GB after"));
        }

        double Taken() => ComputeDevices.Find(device) is { } found ? (found.TotalMemoryBytes - found.FreeMemoryBytes) / Giga : 0;
    }
}
