using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;
using System.Security;
using System.Text;

namespace OneComp.Tests.Support;

/// <summary>A host of 100 columns that keeps the text it is given; it answers no questions.</summary>
internal sealed class RecordingHost : PSHost
{
    public const int Columns = 100;
    private readonly Recorder _recorder = new();

    /// <summary>What was written, without colours.</summary>
    public string Text => new StringDecorated(_recorder.Text.ToString()).ToString(OutputRendering.PlainText);

    public override string Name => "recording";

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override PSHostUserInterface UI => _recorder;

    public void Clear() => _recorder.Text.Clear();

    public override void SetShouldExit(int exitCode)
    {
    }

    public override void EnterNestedPrompt() => throw new HostException("no prompt in a test");

    public override void ExitNestedPrompt() => throw new HostException("no prompt in a test");

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    private sealed class Recorder : PSHostUserInterface
    {
        public StringBuilder Text { get; } = new();

        public override PSHostRawUserInterface RawUI { get; } = new Measures();

        public override void Write(string value) => Text.Append(value);

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Text.Append(value);

        public override void WriteLine(string value) => Text.AppendLine(value);

        public override void WriteErrorLine(string value) => Text.AppendLine(value);

        public override void WriteDebugLine(string message)
        {
        }

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
        }

        public override void WriteVerboseLine(string message)
        {
        }

        public override void WriteWarningLine(string message)
        {
        }

        public override string ReadLine() => throw NoAnswer();

        public override SecureString ReadLineAsSecureString() => throw NoAnswer();

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw NoAnswer();

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) => throw NoAnswer();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw NoAnswer();

        public override PSCredential PromptForCredential(
            string caption, string message, string userName, string targetName,
            PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw NoAnswer();

        private static HostException NoAnswer() => new("a question in a test");
    }

    private sealed class Measures : PSHostRawUserInterface
    {
        public override ConsoleColor ForegroundColor { get; set; }

        public override ConsoleColor BackgroundColor { get; set; }

        public override Size BufferSize { get; set; } = new(Columns, 50);

        public override Size WindowSize { get; set; } = new(Columns, 50);

        public override Size MaxWindowSize => WindowSize;

        public override Size MaxPhysicalWindowSize => WindowSize;

        public override string WindowTitle { get; set; } = "";

        public override int CursorSize { get; set; }

        public override Coordinates CursorPosition { get; set; }

        public override Coordinates WindowPosition { get; set; }

        public override bool KeyAvailable => false;

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw new HostException("no keys in a test");

        public override void FlushInputBuffer()
        {
        }

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new HostException("no buffer in a test");

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw new HostException("no buffer in a test");

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw new HostException("no buffer in a test");

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw new HostException("no buffer in a test");
    }
}
