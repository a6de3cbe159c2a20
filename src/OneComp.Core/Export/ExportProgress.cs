using OneComp.Models;
using OneComp.Progress;

namespace OneComp.Export;

/// <summary>How far an export is.</summary>
internal sealed class ExportProgress(ExportOptions options, int layers, IProgress<RunEvent>? events)
{
    private readonly string _activity = $"Exporting {Path.GetFileName(Path.TrimEndingDirectorySeparator(options.Model))} to {options.Format}";
    private int _layer;

    public void Layer(LinearLayer layer) => events?.Report(new ProgressEvent(0, _activity, layer.Name, _layer++, layers + 1));

    public void Warn(string message) => events?.Report(new WarningEvent(message));

    public void Tell(string message) => events?.Report(new VerboseEvent(message));

    public void Done() => events?.Report(new ProgressEvent(0, _activity, "done", layers + 1, layers + 1));
}
