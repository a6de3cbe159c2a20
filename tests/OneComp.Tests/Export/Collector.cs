using OneComp.Progress;

namespace OneComp.Tests.Export;

/// <summary>Keeps the warnings of a run.</summary>
internal sealed class Collector(List<string> warnings) : IProgress<RunEvent>
{
    public void Report(RunEvent value)
    {
        if (value is WarningEvent warning)
        {
            warnings.Add(warning.Message);
        }
    }
}
