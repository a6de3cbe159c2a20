using System.Globalization;
using OneComp.Hub;
using OneComp.Progress;
using OneComp.Quantization;

namespace OneComp.Pipeline;

/// <summary>How far a run is: plan, blocks, save.</summary>
internal sealed class RunProgress(string model, int blocks, IProgress<RunEvent>? events)
{
    private readonly string _activity = "Quantizing " + ModelReference.DisplayName(model);
    private readonly int _total = blocks + 2;

    /// <summary>Where warnings and details go.</summary>
    public IProgress<RunEvent>? Events { get; } = events;

    public void Planning() => Report("planning", 0);

    public void Block(int index) => Report(string.Create(CultureInfo.InvariantCulture, $"block {index + 1} of {blocks}"), index + 1);

    public void Layer(PlannedLayer planned, int done, int total) =>
        Events?.Report(new ProgressEvent(1, planned.Quantizer.Name, planned.Layer.Name, done, total));

    public void Saving()
    {
        Events?.Report(new ProgressEvent(1, "Layers", "done", 1, 1));
        Report("saving", _total - 1);
    }

    public void Done() => Report("done", _total);

    private void Report(string status, int done) => Events?.Report(new ProgressEvent(0, _activity, status, done, _total));
}
