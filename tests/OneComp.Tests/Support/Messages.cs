using OneComp.Progress;

namespace OneComp.Tests.Support;

/// <summary>Keeps what long work tells, at once and in order.</summary>
internal sealed class Messages : IProgress<RunEvent>
{
    private readonly List<RunEvent> _events = [];

    public IReadOnlyList<string> Warnings => [.. _events.OfType<WarningEvent>().Select(warning => warning.Message)];

    public void Report(RunEvent value) => _events.Add(value);
}
