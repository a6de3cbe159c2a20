using OneComp.Models;
using OneComp.Progress;
using OneComp.Runtime;

namespace OneComp.Export;

/// <summary>How far an export is.</summary>
/// <param name="options">From where, to what.</param>
/// <param name="layers">The quantized layers.</param>
/// <param name="events">Told of each.</param>
internal sealed class ExportProgress(ExportOptions options, IReadOnlyCollection<LinearLayer> layers, IProgress<RunEvent>? events)
{
    private readonly string _activity = $"Exporting {Path.GetFileName(Path.TrimEndingDirectorySeparator(options.Model))} to {options.Format}";
    private int _layer;

    /// <summary>The export as work that memory may not suffice for. A layer is decoded on the CPU whatever the devices are.</summary>
    public MemoryBound Bound { get; } = new(
        TorchSharp.torch.CPU,
        "a model was exported",
        () => MemoryNeed.Of(TorchSharp.torch.CPU, "The largest layer", layers.Max(layer => 8 * layer.WeightCount)),
        "Nothing is left of the export; close other programs and give the command again.");

    public void Layer(LinearLayer layer)
    {
        Bound.At(layer.Name);
        events?.Report(new ProgressEvent(0, _activity, layer.Name, _layer++, layers.Count + 1));
    }

    public void Warn(string message) => events?.Report(new WarningEvent(message));

    public void Tell(string message) => events?.Report(new VerboseEvent(message));

    public void Done() => events?.Report(new ProgressEvent(0, _activity, "done", layers.Count + 1, layers.Count + 1));
}
