using OneComp.ScriptHost;

// The engine would send usage data to its makers otherwise; a script host has not asked for that.
Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

var commandLine = CommandLine.Parse(args);
if (commandLine.Fault is { } fault)
{
    Console.Error.WriteLine(fault);
    Console.Error.WriteLine(CommandLine.Usage);
    return ExitCodes.BadInput;
}

if (commandLine.Help)
{
    Console.Out.WriteLine(CommandLine.Usage);
    return ExitCodes.Success;
}

var terminal = new Terminal();
using var session = new Session(new ConsoleHost(terminal));
using var signals = new StopSignals(session.Stop);
var exitCode = session.Run(commandLine);
terminal.EndProgress();
return signals.ExitCode ?? exitCode;
