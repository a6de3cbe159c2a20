using OneComp.Hub;
using OneComp.Progress;

namespace OneComp.Compression;

/// <summary>How far the whole job is: its steps, with the progress of each one level below.</summary>
internal sealed class CompressionSteps(string model, int steps, IProgress<RunEvent>? events) : IProgress<RunEvent>
{
    private readonly string _activity = "Compressing " + ModelReference.DisplayName(model);
    private int _done;

    /// <summary>Begins the next step.</summary>
    public void Next(string status) => events?.Report(new ProgressEvent(0, _activity, status, _done++, steps));

    /// <summary>Nothing is left to do.</summary>
    public void Done() => events?.Report(new ProgressEvent(0, _activity, "done", steps, steps));

    /// <summary>What a step tells: its levels lie below the job's.</summary>
    public void Report(RunEvent value) => events?.Report(value is ProgressEvent progress ? progress with { Level = progress.Level + 1 } : value);
}
