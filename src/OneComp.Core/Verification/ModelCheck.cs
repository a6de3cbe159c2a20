using OneComp.Formats;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Records;

namespace OneComp.Verification;

/// <summary>Checks a quantized model folder: files, tensors, values, and what config.json and onecomp.json say of them.</summary>
public static class ModelCheck
{
    /// <summary>Checks a folder. Reads every tensor once, and every file once more for its hash.</summary>
    /// <param name="folder">The model.</param>
    /// <param name="source">The model that it was made from; null to look at the folder alone.</param>
    /// <param name="progress">Told of each check.</param>
    /// <param name="token">Stops the checks.</param>
    /// <returns>A row for each fault and each check without one; the last is the verdict.</returns>
    public static IReadOnlyList<CheckResult> Run(string folder, string? source = null, IProgress<RunEvent>? progress = null, CancellationToken token = default)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var list = new CheckList(folder);
        var steps = new Steps(folder, progress, token);
        var gguf = Directory.EnumerateFiles(folder, "*.gguf").Order(StringComparer.Ordinal).ToList();
        if (gguf.Count > 0 && !File.Exists(Path.Combine(folder, "config.json")))
        {
            steps.Next("Gguf");
            list.Run("Gguf", $"{gguf.Count} files.", gguf.SelectMany(GgufChecks.Faults));
        }
        else
        {
            CheckSafetensors(list, steps, folder, source, token);
        }

        if (RunRecord.Read(folder) is { } record)
        {
            steps.Next("Hashes");
            list.Run("Hashes", $"{record.Files.Count} files are as they were made.", FileChecks.Hashes(folder, record, token));
        }

        steps.Done();
        return list.Rows();
    }

    private static void CheckSafetensors(CheckList list, Steps steps, string folder, string? source, CancellationToken token)
    {
        steps.Next("Headers");
        var headers = list.Run("Headers", "Every safetensors file has a header that fits its size.", FileChecks.Headers(folder));
        var config = list.Run("Config", "config.json describes a model that is known.", Faults(() => ModelTopology.Of(ModelConfig.Load(folder)), folder));
        if (!headers || !config || !list.Run("Method", "The quantization method is known, or there is none.", Faults(() => QuantizedModel.OpenAny(folder).Dispose(), folder)))
        {
            return; // what follows could only repeat it
        }

        using var model = QuantizedModel.OpenAny(folder);
        list.Run("Index", $"{model.Model.Checkpoint.Files.Count} weight files hold what loaders look for.", FileChecks.Index(model.Model.Checkpoint));
        list.Run("Tensors", $"{model.Model.Topology.Tensors.Count} weights of the architecture are there.", PlainChecks.Tensors(model));
        var sound = new List<LinearLayer>();
        if (model.Settings.Method is not null)
        {
            CheckLayers(list, steps, model, sound, token);
        }

        steps.Next("Values");
        list.Run("Values", "Weights that are not quantized are finite.", PlainChecks.Values(model, token));
        if (source is not null)
        {
            steps.Next("Source");
            SourceChecks.Run(list, model, source, sound, token);
        }
    }

    private static void CheckLayers(CheckList list, Steps steps, QuantizedModel model, List<LinearLayer> sound, CancellationToken token)
    {
        steps.Next("Layers");
        list.Run("Layers", $"{model.Layers.Count} quantized layers have tensors that fit, finite scales and groups in range.", LayerChecks.Layouts(model, sound, token));
        list.Run("Zeros", "Zero points lie among the codes.", LayerChecks.Zeros(model, sound, token));
        list.Run("Groups", "Groups are full, and in the order that config.json says.", LayerChecks.Groups(model, sound, token));
        list.Run("Settings", "quantization_config says what the tensors are.", SettingsChecks.Faults(model, sound, token));
        steps.Next("Codes");
        list.Run("Codes", "Codes differ within every layer.", LayerChecks.Codes(model, sound, token));
    }

    private static IEnumerable<(string Target, string Fault)> Faults(Action read, string folder)
    {
        if (CheckList.FaultOf(read) is { } fault)
        {
            yield return (folder, fault);
        }
    }

    private sealed class Steps(string folder, IProgress<RunEvent>? progress, CancellationToken token)
    {
        private const int Total = 8;
        private readonly string _activity = "Checking " + Path.GetFileName(folder);
        private int _done;

        public void Next(string check)
        {
            token.ThrowIfCancellationRequested();
            progress?.Report(new ProgressEvent(0, _activity, check, _done++, Total));
        }

        public void Done() => progress?.Report(new ProgressEvent(0, _activity, "done", Total, Total));
    }
}
