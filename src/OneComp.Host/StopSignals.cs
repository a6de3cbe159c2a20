using System.Runtime.InteropServices;

namespace OneComp.ScriptHost;

/// <summary>Ctrl+C and SIGTERM: the first stops the script cleanly, the second ends the process.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly Action _stop;
    private readonly PosixSignalRegistration[] _registrations;
    private int _count;

    public StopSignals(Action stop)
    {
        _stop = stop;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, number: 2)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, number: 15)),
        ];
    }

    /// <summary>What the process returns after a signal; null where none came.</summary>
    public int? ExitCode { get; private set; }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void Handle(PosixSignalContext context, int number)
    {
        ExitCode = ExitCodes.OfSignal(number);
        context.Cancel = Interlocked.Increment(ref _count) == 1;
        if (context.Cancel)
        {
            _stop();
        }
    }
}
