using System.Diagnostics;
using System.Globalization;
using OneComp.Progress;

namespace OneComp.Benchmarks.EndToEnd;

/// <summary>Prints when each step of a run begins, in seconds from its start.</summary>
internal sealed class Timeline : IProgress<RunEvent>
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public void Report(RunEvent value)
    {
        if (value is ProgressEvent { Level: 0 } step)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_clock.Elapsed.TotalSeconds,8:0.000} {step.Status}"));
        }
    }
}
