using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace OneComp.ScriptHost;

/// <summary>Results go to standard output; errors, warnings, details and progress to standard error.</summary>
internal sealed class ConsoleUserInterface(Terminal terminal) : PSHostUserInterface
{
    private readonly Questions _questions = new(terminal);

    public override PSHostRawUserInterface RawUI { get; } = new ConsoleRawUserInterface(terminal);

    public override bool SupportsVirtualTerminal => terminal.OutputHasColour;

    public override void Write(string value) => terminal.Write(value);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        terminal.Write(value, PSStyle.MapForegroundColorToEscapeSequence(foregroundColor));

    /// <summary>Whether lines go to standard error.</summary>
    public bool ShowsError { get; set; }

    public override void WriteLine(string value)
    {
        if (ShowsError)
        {
            WriteErrorLine(value);
        }
        else
        {
            terminal.Write(value + Environment.NewLine);
        }
    }

    /// <summary>Whether a warning or an error was shown.</summary>
    public bool HasWarned { get; private set; }

    public override void WriteErrorLine(string value)
    {
        HasWarned = true;
        terminal.WriteError(value, PSStyle.Instance.Formatting.Error);
    }

    public override void WriteWarningLine(string message)
    {
        HasWarned = true;
        terminal.WriteError("WARNING: " + message, PSStyle.Instance.Formatting.Warning);
    }

    public override void WriteVerboseLine(string message) => terminal.WriteError("VERBOSE: " + message, PSStyle.Instance.Formatting.Verbose);

    public override void WriteDebugLine(string message) => terminal.WriteError("DEBUG: " + message, PSStyle.Instance.Formatting.Debug);

    public override void WriteProgress(long sourceId, ProgressRecord record) => terminal.WriteProgress(sourceId, record);

    public override string ReadLine() => terminal.ReadLine();

    public override SecureString ReadLineAsSecureString() => throw NoSecrets();

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        _questions.Fields(caption, message, descriptions);

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        _questions.Choice(caption, message, choices, defaultChoice);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        throw NoSecrets();

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName,
        PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        throw NoSecrets();

    private static HostException NoSecrets() => new("This host does not ask for passwords.");
}
