using System.Diagnostics;
using OneComp.Benchmarks.Measuring;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.EndToEnd;

/// <summary>Seconds of named phases; each begins and ends with the device idle.</summary>
internal sealed class PhaseClock(Device device)
{
    private readonly Dictionary<string, Stopwatch> _clocks = [];

    public double Seconds(string phase) => _clocks.TryGetValue(phase, out var clock) ? clock.Elapsed.TotalSeconds : 0;

    public double Total => _clocks.Values.Sum(clock => clock.Elapsed.TotalSeconds);

    public T Time<T>(string phase, Func<T> work)
    {
        DeviceClock.Wait(device);
        var clock = _clocks.TryGetValue(phase, out var known) ? known : _clocks[phase] = new Stopwatch();
        clock.Start();
        try
        {
            var result = work();
            DeviceClock.Wait(device);
            return result;
        }
        finally
        {
            clock.Stop();
        }
    }

    public void Time(string phase, Action work) => Time(phase, () =>
    {
        work();
        return 0;
    });

    /// <summary>Takes the time of an inner phase out of the outer one that is running.</summary>
    public void TimeInside(string outer, string inner, Action work)
    {
        DeviceClock.Wait(device);
        _clocks[outer].Stop();
        Time(inner, work);
        _clocks[outer].Start();
    }
}
