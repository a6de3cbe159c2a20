using System.Management.Automation;

namespace OneComp.ScriptHost;

/// <summary>On a terminal: one line, rewritten in place.</summary>
internal sealed class LiveProgress(TextWriter output, TimeProvider clock) : ProgressLine(output, clock, TimeSpan.FromMilliseconds(100))
{
    private const string StartAndErase = "\r\u001b[K";
    private const int WidthWhereUnknown = 80;
    private bool _visible;

    public override void Clear()
    {
        if (_visible)
        {
            Output.Write(StartAndErase);
            _visible = false;
        }
    }

    protected override void Draw(string text)
    {
        var width = (Console.WindowWidth > 0 ? Console.WindowWidth : WidthWhereUnknown) - 1; // a full line would scroll
        Output.Write(StartAndErase + (text.Length > width ? text[..width] : text));
        _visible = true;
    }

    protected override void Completed(ProgressRecord record, bool outermost)
    {
        if (outermost)
        {
            Clear();
        }
    }
}
