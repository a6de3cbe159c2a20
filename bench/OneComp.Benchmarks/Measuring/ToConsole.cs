using OneComp.Progress;

namespace OneComp.Benchmarks.Measuring;

/// <summary>Prints warnings, at once and on the calling thread.</summary>
internal sealed class ToConsole : IProgress<RunEvent>
{
    public void Report(RunEvent value)
    {
        if (value is WarningEvent warning)
        {
            Console.WriteLine($"warning: {warning.Message}");
        }
    }
}
