using System.Management.Automation.Runspaces;

namespace OneComp.ScriptHost;

/// <summary>What the host is asked to run.</summary>
internal sealed record CommandLine
{
    /// <summary>How to call the host.</summary>
    public const string Usage = """
        usage: OneComp.Host SCRIPT.ps1 [ARGUMENT...]    runs a script; -Name value, -Switch and positional arguments bind to its param()
               OneComp.Host -Command TEXT               runs PowerShell text
        The exit code is the script's own after 'exit N'; else 0 done, 3 done but warnings or errors were shown, 2 bad input or command
        line, 4 out of memory, 1 any other error, 130 after Ctrl+C, 143 after SIGTERM.
        """;

    /// <summary>Full path of the script; null where there is a command text instead.</summary>
    public string? Script { get; private init; }

    /// <summary>The script's arguments, not yet bound.</summary>
    public IReadOnlyList<CommandParameter> Arguments { get; private init; } = [];

    /// <summary>The text after -Command.</summary>
    public string? Command { get; private init; }

    /// <summary>True where the usage is asked for.</summary>
    public bool Help { get; private init; }

    /// <summary>Why the command line cannot be used.</summary>
    public string? Fault { get; private init; }

    /// <summary>Reads the process's arguments.</summary>
    public static CommandLine Parse(string[] args) => args switch
    {
        [] => new() { Fault = "A script or -Command is expected." },
        ["--help" or "-help" or "-h" or "-?", ..] => new() { Help = true },
        [var option] when IsCommand(option) => new() { Fault = $"{option} needs the text to run." },
        [var option, .. var words] when IsCommand(option) => new() { Command = string.Join(' ', words) },
        [var option, ..] when option.StartsWith('-') => new() { Fault = $"'{option}' is not an option of the host." },
        [var script, ..] when !File.Exists(script) => new() { Fault = $"There is no script '{script}' (looked from '{Environment.CurrentDirectory}')." },
        [var script, .. var rest] => new() { Script = Path.GetFullPath(script), Arguments = [.. rest.Select(ToParameter)] },
    };

    private static bool IsCommand(string option) =>
        option.Equals("-Command", StringComparison.OrdinalIgnoreCase) || option.Equals("-c", StringComparison.OrdinalIgnoreCase);

    // A name that keeps its dash is bound by the engine as if typed: alone as a switch, or with the argument after it.
    private static CommandParameter ToParameter(string text)
    {
        if (text is not ['-', var first, ..] || !(char.IsLetter(first) || first == '_'))
        {
            return new CommandParameter(null, text);
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? new CommandParameter(text) : new CommandParameter(text[..(colon + 1)], ToValue(text[(colon + 1)..]));
    }

    private static object ToValue(string text) => text.ToUpperInvariant() switch
    {
        "$TRUE" => true,
        "$FALSE" => false,
        _ => text,
    };
}
