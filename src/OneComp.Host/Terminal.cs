using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;

namespace OneComp.ScriptHost;

/// <summary>Standard output and standard error, which share a screen with the progress line.</summary>
internal sealed class Terminal
{
    private const string Reset = "\u001b[0m";
    private readonly Lock _gate = new();
    private readonly ProgressLine _progress;

    public Terminal()
    {
        var escapes = UnderstandsEscapes();
        var colour = escapes && Environment.GetEnvironmentVariable("NO_COLOR") is not { Length: > 0 };
        OutputHasColour = colour && !Console.IsOutputRedirected;
        ErrorHasColour = colour && !Console.IsErrorRedirected;
        _progress = escapes && !Console.IsErrorRedirected
            ? new LiveProgress(Console.Error, TimeProvider.System)
            : new PlainProgress(Console.Error, TimeProvider.System);
        if (!OutputHasColour)
        {
            PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
        }
    }

    public bool OutputHasColour { get; }

    private bool ErrorHasColour { get; }

    /// <summary>Writes to standard output.</summary>
    public void Write(string text, string colour = "")
    {
        lock (_gate)
        {
            _progress.Clear();
            Console.Out.Write(OutputHasColour ? Paint(text, colour) : Strip(text));
        }
    }

    /// <summary>Writes a line to standard error.</summary>
    public void WriteError(string text, string colour = "")
    {
        lock (_gate)
        {
            _progress.Clear();
            var stripped = Strip(text); // the engine colours for standard output
            Console.Error.WriteLine(ErrorHasColour ? Paint(stripped, colour) : stripped);
        }
    }

    public void WriteProgress(long source, ProgressRecord record)
    {
        lock (_gate)
        {
            _progress.Show(source, record);
        }
    }

    /// <summary>Leaves a clean line for what comes next.</summary>
    public void EndProgress()
    {
        lock (_gate)
        {
            _progress.Clear();
        }
    }

    /// <summary>A line from standard input.</summary>
    /// <exception cref="HostException">There is nobody to answer.</exception>
    public string ReadLine()
    {
        EndProgress();
        return Console.IsInputRedirected
            ? throw new HostException("The script asks for input, but standard input is no terminal. Give the value as a parameter.")
            : Console.ReadLine() ?? "";
    }

    // Windows Terminal says who it is; an older console would show the codes as they are.
    private static bool UnderstandsEscapes() => OperatingSystem.IsWindows()
        ? Environment.GetEnvironmentVariable("WT_SESSION") is not null
        : Environment.GetEnvironmentVariable("TERM") is not "dumb";

    private static string Paint(string text, string colour) => colour.Length > 0 && text.Length > 0 ? colour + text + Reset : text;

    private static string Strip(string text) => new StringDecorated(text).ToString(OutputRendering.PlainText);
}
