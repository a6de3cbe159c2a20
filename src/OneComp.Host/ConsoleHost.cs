using System.Globalization;
using System.Management.Automation.Host;

namespace OneComp.ScriptHost;

/// <summary>The engine's host on a console.</summary>
internal sealed class ConsoleHost(Terminal terminal) : PSHost
{
    private readonly ConsoleUserInterface _userInterface = new(terminal);

    public override string Name => "OneComp.Host";

    public override Version Version { get; } = typeof(ConsoleHost).Assembly.GetName().Version!;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => _userInterface;

    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    /// <summary>What 'exit N' asked for; null before.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Whether a warning or an error was shown.</summary>
    public bool HasWarned => _userInterface.HasWarned;

    /// <summary>Whether what is shown is an error.</summary>
    public bool ShowsError
    {
        set => _userInterface.ShowsError = value;
    }

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new HostException("This host runs scripts and has no prompt.");

    public override void ExitNestedPrompt() => throw new HostException("This host runs scripts and has no prompt.");

    public override void NotifyBeginApplication() => terminal.EndProgress(); // a native program is about to write

    public override void NotifyEndApplication()
    {
    }
}
