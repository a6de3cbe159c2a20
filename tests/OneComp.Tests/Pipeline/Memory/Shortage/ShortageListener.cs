using OneComp.Progress;

namespace OneComp.Tests.Pipeline.Memory.Shortage;

/// <summary>Makes memory short when a job comes to a phase, on the thread that tells of it, and counts how often the job then made do with less at a time.</summary>
/// <param name="phase">The phase.</param>
/// <param name="begin">Makes memory short, or throws what the tensor library would.</param>
internal sealed class ShortageListener(ShortagePhase phase, Action begin) : IProgress<RunEvent>
{
    private readonly Lock _gate = new();
    private int _seen;

    /// <summary>Whether the phase came.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>How often less was taken at a time.</summary>
    public int Halvings { get; private set; }

    public void Report(RunEvent value)
    {
        lock (_gate)
        {
            Halvings += value is FactEvent { Id: RunEventId.BatchHalved } ? 1 : 0;
            if (HasBegun || !phase.Begins(value) || _seen++ < phase.Before)
            {
                return;
            }

            HasBegun = true;
        }

        begin();
    }
}
