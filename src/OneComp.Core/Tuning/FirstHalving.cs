using OneComp.Progress;

namespace OneComp.Tuning;

/// <summary>Of what the passes of all steps tell only the first lack of memory, which each of them meets again.</summary>
internal sealed class FirstHalving(IProgress<RunEvent>? progress) : IProgress<RunEvent>
{
    private bool _told;

    public void Report(RunEvent value)
    {
        if (!_told && value is FactEvent { Id: RunEventId.BatchHalved })
        {
            _told = true;
            progress?.Report(value);
        }
    }
}
