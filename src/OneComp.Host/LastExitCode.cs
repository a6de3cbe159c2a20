using System.Management.Automation;

namespace OneComp.ScriptHost;

/// <summary>
/// $LASTEXITCODE, which also knows whether the script itself ended by 'exit': that is set when no script is on the call
/// stack any more, while native programs and inner scripts set it from inside.
/// </summary>
internal sealed class LastExitCode(Func<int> depth) : PSVariable("LASTEXITCODE")
{
    /// <summary>N after the script's own 'exit N'; null where it ended otherwise.</summary>
    public int? OfScript { get; private set; }

    public override object? Value
    {
        get => base.Value;
        set
        {
            base.Value = value;
            OfScript = depth() == 0 && value is int exitCode ? exitCode : null;
        }
    }
}
