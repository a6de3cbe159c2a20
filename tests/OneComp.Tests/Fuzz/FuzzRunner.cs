using System.Diagnostics;
using OneComp.Errors;

namespace OneComp.Tests.Fuzz;

/// <summary>Reads many inputs of a target and tells those apart that end in any other way than well or with an error of ours.</summary>
internal sealed class FuzzRunner(FuzzTarget target, FuzzLimits limits)
{
    private const int Repeats = 2;
    private const double ReportedBytes = 1 << 20;
    private readonly Dictionary<string, FuzzFailure> _failures = [];
    private readonly HashSet<string> _ids = [];
    private int _named, _accepted;
    private double _slowest, _ratio;

    /// <summary>Told before each input, with what is about to be read; for a watchdog.</summary>
    public Action<int, byte[]>? Before { get; init; }

    /// <summary>Reads inputs 0 to count - 1 of a seed.</summary>
    public FuzzReport Run(int count, int seed, CancellationToken token = default)
    {
        var clock = Stopwatch.StartNew();
        var done = 0;
        for (; done < count && !token.IsCancellationRequested; done++)
        {
            Read(done, target.Input(seed, done));
        }

        return new FuzzReport(target.Name, done, _named, _ids.Count, _accepted, [.. _failures.Values.OrderByDescending(failure => failure.Count)], _slowest, _ratio, clock.Elapsed.TotalSeconds);
    }

    /// <summary>Reads one input.</summary>
    public void Read(int number, byte[] input)
    {
        Before?.Invoke(number, input);
        var (milliseconds, bytes, exception) = Measure(input);
        for (var repeat = 0; repeat < Repeats && milliseconds > limits.Time.TotalMilliseconds; repeat++)
        {
            milliseconds = Math.Min(milliseconds, Measure(input).Milliseconds); // another process may have taken the time
        }

        _slowest = Math.Max(_slowest, milliseconds);
        if (bytes > ReportedBytes)
        {
            _ratio = Math.Max(_ratio, (double)bytes / Math.Max(1, input.Length));
        }

        if (FaultOf(exception, milliseconds, bytes, input.Length) is { } kind)
        {
            Add(kind, number, input, exception);
        }
        else if (exception is OneCompException named)
        {
            _named++;
            _ids.Add(named.ErrorId);
        }
        else
        {
            _accepted++;
        }
    }

    private string? FaultOf(Exception? exception, double milliseconds, long bytes, int length) =>
        exception is not (null or OneCompException) ? $"{exception.GetType().Name} {Place(exception)}"
        : milliseconds > limits.Time.TotalMilliseconds ? $"{milliseconds:0} ms{Suffix(exception)}"
        : limits.IsTooMuch(bytes, length) ? $"out of proportion{Suffix(exception)}"
        : exception is not null && limits.FaultOf(exception.Message) is { } message ? $"{message}{Suffix(exception)}"
        : null;

    private static string Suffix(Exception? exception) => exception is OneCompException named ? " with " + named.ErrorId : "";

    /// <summary>The first method of ours on the stack.</summary>
    private static string Place(Exception exception) => new StackTrace(exception).GetFrames()
        .Select(frame => frame.GetMethod())
        .FirstOrDefault(method => method?.DeclaringType?.FullName?.StartsWith("OneComp.", StringComparison.Ordinal) == true) is { } found
            ? $"in {found.DeclaringType!.Name}.{found.Name}"
            : "";

    private (double Milliseconds, long Bytes, Exception? Exception) Measure(byte[] input)
    {
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        Exception? exception = null;
        try
        {
            target.Parse(input);
        }
#pragma warning disable CA1031 // that nothing else comes is what is tested
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            exception = thrown;
        }

        return (Stopwatch.GetElapsedTime(start).TotalMilliseconds, GC.GetAllocatedBytesForCurrentThread() - bytes, exception);
    }

    private void Add(string kind, int number, byte[] input, Exception? exception)
    {
        var known = _failures.GetValueOrDefault(kind);
        _failures[kind] = known is null ? new FuzzFailure(kind, 1, number, input, exception?.ToString() ?? "")
            : input.Length < known.Input.Length ? new FuzzFailure(kind, known.Count + 1, number, input, exception?.ToString() ?? "")
            : known with { Count = known.Count + 1 };
    }
}
