using System.Management.Automation;

namespace OneComp.ScriptHost;

/// <summary>In a log: a plain line every few seconds, and one at the start and the end of an outermost activity.</summary>
internal sealed class PlainProgress(TextWriter output, TimeProvider clock) : ProgressLine(output, clock, TimeSpan.FromSeconds(5))
{
    protected override void Draw(string text) => Output.WriteLine(text);

    protected override void Completed(ProgressRecord record, bool outermost)
    {
        if (outermost)
        {
            Output.WriteLine($"{record.Activity}: done");
        }
    }
}
