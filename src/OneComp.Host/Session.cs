using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace OneComp.ScriptHost;

/// <summary>One runspace of the engine that runs one script or command text.</summary>
internal sealed class Session : IDisposable
{
    private readonly ConsoleHost _host;
    private readonly Runspace _runspace;
    private readonly LastExitCode _lastExitCode;
    private readonly Lock _gate = new();
    private PowerShell? _running;
    private bool _stopped;

    public Session(ConsoleHost host)
    {
        _host = host;
        var state = InitialSessionState.CreateDefault2();
        _runspace = RunspaceFactory.CreateRunspace(host, state);
        _runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        _runspace.Open();
        Runspace.DefaultRunspace = _runspace;
        _lastExitCode = new LastExitCode(() => _runspace.Debugger.GetCallStack().Count());
        _runspace.SessionStateProxy.PSVariable.Set(_lastExitCode);
    }

    /// <summary>Runs it to the end and returns the exit code.</summary>
    public int Run(CommandLine commandLine)
    {
        var command = commandLine.Script is null
            ? new Command(commandLine.Command, isScript: true, useLocalScope: false)
            : new Command(commandLine.Script, isScript: false, useLocalScope: false);
        foreach (var argument in commandLine.Arguments)
        {
            command.Parameters.Add(argument);
        }

        return Invoke(command) is { } failed ? failed
            : _host.ExitCode ?? _lastExitCode.OfScript
            ?? (commandLine.Script is null && !LastStatementSucceeded() ? OfLastError()
                : _host.HasWarned ? ExitCodes.DoneWithWarnings
                : ExitCodes.Success);
    }

    /// <summary>Stops what runs, from any thread.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            _running?.BeginStop(null, null);
        }
    }

    public void Dispose() => _runspace.Dispose();

    /// <returns>The exit code after a terminating error, which has been shown, or a stop; null where it ran to its end.</returns>
    private int? Invoke(Command command)
    {
        using var shell = PowerShell.Create(_runspace);
        ShownStreams.Drop(shell.Streams);
        command.MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output); // so that Out-Default shows both in order
        shell.Commands.AddCommand(command).AddCommand("Out-Default");
        lock (_gate)
        {
            if (_stopped)
            {
                return ExitCodes.Failed;
            }

            _running = shell;
        }

        try
        {
            shell.Invoke(null, new PSInvocationSettings { AddToHistory = true }); // without it the engine restores $? afterwards
            return null;
        }
        catch (PipelineStoppedException)
        {
            return ExitCodes.Failed; // a signal's code stands before it
        }
        catch (RuntimeException exception)
        {
            Show(exception.ErrorRecord);
            return ExitCodes.Of(exception.ErrorRecord);
        }
        finally
        {
            lock (_gate)
            {
                _running = null;
            }
        }
    }

    /// <summary>Shows an error that ended the script, as the engine shows one that a command has written.</summary>
    private void Show(ErrorRecord error)
    {
        if (error.InvocationInfo is null)
        {
            _host.UI.WriteErrorLine(error.Exception.Message); // text that does not parse: the view needs a place in a script
            return;
        }

        using var shell = PowerShell.Create(_runspace);
        _host.ShowsError = true; // only records that commands write are marked for the error stream
        shell.AddCommand("Out-Default").Invoke(new[] { error });
        _host.ShowsError = false;
    }

    private int OfLastError() =>
        _runspace.SessionStateProxy.GetVariable("Error") is System.Collections.ArrayList { Count: > 0 } errors && Record(errors[0]) is { } error
            ? ExitCodes.Of(error)
            : ExitCodes.Failed;

    private static ErrorRecord? Record(object? error) => error as ErrorRecord ?? (error as IContainsErrorRecord)?.ErrorRecord;

    private bool LastStatementSucceeded() => _runspace.SessionStateProxy.GetVariable("?") is true;
}
