using System.Management.Automation;
using OneComp.Progress;

namespace OneComp.Hosting;

/// <summary>
/// Base of the cmdlets: long work beside the pipeline thread with progress and stopping, one way to report errors, and
/// paths from the session.
/// </summary>
public abstract class OneCompCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Stops the work; PowerShell calls it from another thread on Ctrl+C or when the pipeline ends early.</summary>
    protected override void StopProcessing()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The stop came as the cmdlet ended by itself.
        }
    }

    /// <summary>Runs work of the engine; a fault ends the cmdlet with an error record from the one table.</summary>
    /// <param name="work">Gets where to report progress, and a token to watch; runs on a thread of its own.</param>
    /// <param name="target">What the error is about, where the exception does not say it.</param>
    /// <returns>What the work returns. A stop throws PipelineStoppedException, once the work has ended.</returns>
    protected T Run<T>(Func<IProgress<RunEvent>, CancellationToken, T> work, object? target = null)
    {
        if (!RunTo(work, target, out var result, out var error))
        {
            ThrowTerminatingError(error);
        }

        return result!;
    }

    /// <summary>As <see cref="Run"/>, but a fault is written as an error and the cmdlet goes on: for one input of many.</summary>
    /// <param name="work">Gets where to report progress, and a token to watch; runs on a thread of its own.</param>
    /// <param name="target">What the error is about, where the exception does not say it.</param>
    /// <param name="result">What the work returned; default after a fault.</param>
    /// <returns>False after a fault.</returns>
    protected bool TryRun<T>(Func<IProgress<RunEvent>, CancellationToken, T> work, object? target, out T? result)
    {
        if (!RunTo(work, target, out result, out var error))
        {
            WriteError(error);
            return false;
        }

        return true;
    }

    /// <summary>The one existing file or folder that a path names; anything else ends the cmdlet.</summary>
    /// <param name="path">As given; wildcards may lead to one item.</param>
    /// <param name="literal">True for -LiteralPath.</param>
    /// <param name="advice">A sentence for the message where nothing is there; null for none.</param>
    /// <returns>The full path. Error ids: PathNotFound, PathNotFileSystem, PathInvalid, PathAmbiguous.</returns>
    protected string ResolvePath(string path, bool literal = false, string? advice = null)
    {
        var paths = SessionPaths.Existing(SessionState, path, literal, out var error);
        if (error is null && paths.Count > 1)
        {
            var message = $"'{path}' names {paths.Count} items, from '{paths[0]}' to '{paths[^1]}'; one is expected.";
            error = new ErrorRecord(new PSArgumentException(message), "PathAmbiguous", ErrorCategory.InvalidArgument, path);
        }

        if (error is not null)
        {
            ThrowTerminatingError(SessionPaths.Advised(error, advice));
        }

        return paths[0];
    }

    /// <summary>All existing files and folders that the paths name; a path at fault is written as an error and left out.</summary>
    /// <param name="paths">As given.</param>
    /// <param name="literal">True for -LiteralPath.</param>
    /// <param name="advice">A sentence for the messages where nothing is there; null for none.</param>
    /// <returns>Full paths. Error ids: PathNotFound, PathNotFileSystem, PathInvalid.</returns>
    protected IReadOnlyList<string> ResolvePaths(IEnumerable<string> paths, bool literal = false, string? advice = null)
    {
        var all = new List<string>();
        foreach (var path in paths)
        {
            all.AddRange(SessionPaths.Existing(SessionState, path, literal, out var error));
            if (error is not null)
            {
                WriteError(SessionPaths.Advised(error, advice));
            }
        }

        return all;
    }

    /// <summary>Where an output goes: a path that need not be there, wildcards meaning themselves.</summary>
    /// <param name="path">As given.</param>
    /// <returns>The full path. Error ids: PathNotFound (its drive), PathNotFileSystem, PathInvalid.</returns>
    protected string ResolveDestination(string path)
    {
        var full = SessionPaths.New(SessionState, path, out var error);
        if (error is not null)
        {
            ThrowTerminatingError(error);
        }

        return full;
    }

    /// <summary>Frees what the cmdlet holds; PowerShell calls it at the end, also after a stop.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the cmdlet holds.</summary>
    /// <param name="disposing">True when called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Dispose();
        }
    }

    private bool RunTo<T>(Func<IProgress<RunEvent>, CancellationToken, T> work, object? target, out T? result, out ErrorRecord? error)
    {
        var progress = new ProgressRecords(TimeProvider.System);
        var stop = _stop.Token;
        try
        {
            result = Worker.Run(work, runEvent => Write(runEvent, progress), stop);
            error = null;
            WriteAll(progress.Close());
            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException(); // a stop is no error
        }
        // What PowerShell itself throws from Write* ends the pipeline (a stop, -WarningAction Stop): it is not ours to report.
        catch (Exception exception) when (exception is not RuntimeException)
        {
            result = default;
            error = ErrorRecords.From(exception, target);
            WriteAll(progress.Close());
            return false;
        }
    }

    private void Write(RunEvent runEvent, ProgressRecords progress)
    {
        switch (runEvent)
        {
            case ProgressEvent step:
                WriteAll(progress.Next(step));
                break;
            case WarningEvent warning:
                WriteWarning(warning.Message);
                break;
            case VerboseEvent verbose:
                WriteVerbose(verbose.Message);
                break;
            case FactEvent fact:
                WriteVerbose(fact.Message);
                WriteInformation(fact, ["OneComp", fact.Id.ToString()]);
                break;
        }
    }

    private void WriteAll(IReadOnlyList<ProgressRecord> records)
    {
        foreach (var record in records)
        {
            WriteProgress(record);
        }
    }
}
