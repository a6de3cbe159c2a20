using System.Diagnostics;
using OneComp.Progress;

namespace OneComp.Logs;

/// <summary>
/// What happens in a run: passed on, written to the log where there is one, and kept in sum for run.json. Several threads may report.
/// </summary>
internal sealed class RunJournal : IProgress<RunEvent>, IDisposable
{
    private readonly Lock _gate = new();
    private readonly IProgress<RunEvent>? _progress;
    private readonly List<string> _warnings = [];
    private readonly List<(string Name, TimeSpan Elapsed)> _phases = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private (string Name, TimeSpan Begun)? _phase;
    private RunLog? _log;

    /// <summary>Opens it.</summary>
    /// <param name="logPath">The log; null for none.</param>
    /// <param name="progress">Where events go on to.</param>
    /// <exception cref="LogException">The log cannot be written.</exception>
    public RunJournal(string? logPath, IProgress<RunEvent>? progress)
    {
        _progress = progress;
        _log = logPath is null ? null : RunLog.Open(logPath, Run);
    }

    /// <summary>Id of this run, or of this part of one that goes on.</summary>
    public string Run { get; } = Guid.NewGuid().ToString("N")[..12];

    /// <summary>When it began.</summary>
    public DateTimeOffset Begun { get; } = DateTimeOffset.UtcNow;

    /// <summary>Time since then.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Warnings so far.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_gate)
            {
                return [.. _warnings];
            }
        }
    }

    /// <summary>Phases so far, the current one among them, with their time.</summary>
    public IReadOnlyList<(string Name, TimeSpan Elapsed)> Phases
    {
        get
        {
            lock (_gate)
            {
                return _phase is { } current ? [.. _phases, (current.Name, _clock.Elapsed - current.Begun)] : [.. _phases];
            }
        }
    }

    /// <summary>Begins a phase, which ends the one before.</summary>
    public void Phase(string name)
    {
        lock (_gate)
        {
            if (_phase is { } last)
            {
                _phases.Add((last.Name, _clock.Elapsed - last.Begun));
            }

            _phase = (name, _clock.Elapsed);
        }

        Report(new FactEvent(RunEventId.PhaseStarted, $"Phase: {name}."));
    }

    /// <inheritdoc/>
    public void Report(RunEvent value)
    {
        if (value is WarningEvent warning)
        {
            lock (_gate)
            {
                _warnings.Add(warning.Message);
            }
        }

        Log(value);
        _progress?.Report(value);
    }

    public void Dispose() => _log?.Dispose();

    // A run of hours does not end for its log.
    private void Log(RunEvent runEvent)
    {
        try
        {
            _log?.Write(runEvent);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            if (Interlocked.Exchange(ref _log, null) is { } log)
            {
                log.Dispose();
                Report(new WarningEvent($"The log cannot be written any more: {exception.Message} The run goes on without it."));
            }
        }
    }
}
