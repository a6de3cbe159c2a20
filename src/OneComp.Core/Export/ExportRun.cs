using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using OneComp.Export.Gguf;
using OneComp.Formats;
using OneComp.Formats.CompressedTensors;
using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Progress;
using OneComp.Quantization.Grids;
using OneComp.Records;
using OneComp.Safetensors;

namespace OneComp.Export;

/// <summary>Writes a quantized model in another form. Holds one layer at a time.</summary>
public static class ExportRun
{
    /// <summary>Exports a folder.</summary>
    /// <param name="options">From where, to what, where to.</param>
    /// <param name="progress">Told of layers, and of what the form changes.</param>
    /// <param name="token">Stops the export; nothing is left at the destination then.</param>
    /// <exception cref="Errors.OneCompException">The model cannot be read, the form cannot hold it, or the destination cannot be used.</exception>
    public static ExportResult Run(ExportOptions options, IProgress<RunEvent>? progress = null, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        DestinationFolder.Check(options.Destination, options.Force, options.Model);
        return Write(options, () => DestinationFolder.Prepare(options.Destination, options.Force, options.Model, progress), null, progress, token);
    }

    /// <summary>As the other, for whoever has checked and locked the destination.</summary>
    /// <param name="options">From where, to what, where to.</param>
    /// <param name="beforeCommit">Gets the folder before it has its name.</param>
    /// <param name="progress">Told of layers, and of what the form changes.</param>
    /// <param name="token">Stops the export.</param>
    internal static ExportResult RunLocked(ExportOptions options, Action<string> beforeCommit, IProgress<RunEvent>? progress, CancellationToken token) =>
        Write(options, () => DestinationFolder.PrepareLocked(options.Destination), beforeCommit, progress, token);

    private static ExportResult Write(ExportOptions options, Func<DestinationFolder> prepare, Action<string>? beforeCommit, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var clock = Stopwatch.StartNew();
        using var source = QuantizedModel.Open(options.Model);
        CheckpointFiles.RequireSideFiles(source.Model.Checkpoint.Folder);
        using var destination = prepare();
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Destination)));
        var steps = new ExportProgress(options, source.Layers, progress);
        var (method, exact) = steps.Bound.Run(() => options.Format == ExportFormat.Gguf
            ? ("gguf", new GgufExport(source, options).Write(Path.Combine(destination.Temporary, name + ".gguf"), steps, token))
            : WriteSafetensors(source, options, destination.Temporary, steps, token));

        ModelCard.KeepSourceCard(source.Model.Checkpoint.Folder, destination.Temporary);
        CopyOldSourceCard(source.Model.Checkpoint.Folder, destination.Temporary, options.Format);
        var record = RunRecord.OfExport(options, RunRecord.Read(source.Model.Checkpoint.Folder));
        ModelCard.Write(destination.Temporary, name, method, record);
        record.Write(destination.Temporary, token);
        var files = new DirectoryInfo(destination.Temporary).GetFiles();
        beforeCommit?.Invoke(destination.Temporary);
        destination.Commit();
        steps.Done();
        return new ExportResult
        {
            Format = options.Format,
            Source = source.Model.Config.Folder,
            Model = Path.GetFullPath(options.Destination),
            Files = files.Length,
            Bytes = files.Sum(file => file.Length),
            BitsPerWeight = 8.0 * files.Where(file => file.Extension is ".safetensors" or ".gguf").Sum(file => file.Length) / source.Model.Topology.TotalParameters,
            Layers = source.Layers.Count,
            ExactLayers = exact,
            Elapsed = clock.Elapsed,
        };
    }

    private static (string? Method, int Exact) WriteSafetensors(QuantizedModel source, ExportOptions options, string folder, ExportProgress steps, CancellationToken token)
    {
        var config = (JsonObject)source.Model.Config.Raw.DeepClone();
        config.Remove("quantization_config");
        var dense = DenseTypeOf(source.Model.Config, options.DenseType);
        var targets = options.Format switch
        {
            ExportFormat.Gptq => LayerTargets.Gptq(source, options.TensorParallel),
            ExportFormat.CompressedTensors => LayerTargets.Packed(source, options.TensorParallel),
            _ => LayerTargets.Dense(source, dense),
        };
        Warn(source, options, targets, steps);
        if (options.Format == ExportFormat.Dequantized)
        {
            SetType(config, dense);
        }
        else
        {
            config["quantization_config"] = QuantizationOf(source, options.Format, targets);
        }

        new SafetensorsExport(source, targets).Write(folder, config, target => steps.Layer(target.Layer), token);
        return ((string?)config["quantization_config"]?["quant_method"], options.Format == ExportFormat.Dequantized ? 0 : targets.Count);
    }

    private static JsonObject QuantizationOf(QuantizedModel source, ExportFormat format, IReadOnlyList<LayerTarget> targets)
    {
        var layers = targets.Cast<QuantizedTarget>().ToList();
        if (format == ExportFormat.CompressedTensors)
        {
            var plain = source.Model.Topology.Layers.Where(layer => !source.Layers.Contains(layer));
            return PackedConfig.Of([.. layers.Select(target => (target.Layer, (GroupScheme)target.Scheme))], plain);
        }

        var actOrder = source.Layers.Any(layer => source.GridOf(layer) is { IsInOrder: false });
        var config = QuantizationConfig.Of([.. layers.Select(target => (target.Layer, target.Scheme))], source.Model.Config.NumLayers, actOrder);
        if (source.Settings.Raw["damp_percent"] is { } damping)
        {
            config["damp_percent"] = damping.DeepClone();
        }

        return config;
    }

    private static void Warn(QuantizedModel source, ExportOptions options, IReadOnlyList<LayerTarget> targets, ExportProgress steps)
    {
        var layers = targets.OfType<QuantizedTarget>().ToList();
        var grids = layers.Where(target => target.Scheme is GroupScheme).Select(target => (target.Layer, (GroupScheme)target.Scheme)).ToList();
        if (options.TensorParallel > 1 && TensorParallel.Warning(grids, options.TensorParallel) is { } warning)
        {
            steps.Warn(warning);
        }

        var divided = layers.Where(target => source.GridOf(target.Layer) is { } grid && grid.Scheme.GroupLength(target.Layer.InFeatures) != ((GroupScheme)target.Scheme).GroupLength(target.Layer.InFeatures)).ToList();
        if (divided.Count > 0)
        {
            steps.Warn(string.Create(CultureInfo.InvariantCulture, $"Groups of {divided.Count} layers were divided, with their scales repeated, so that they are even: {divided[0].Layer.Name} has groups of {divided[0].Scheme.GroupSize} now. No weight changes; the files grow."));
        }

        // Servers run q, k and v as one matrix, and gate and up, under the scheme of the first.
        var split = options.Format != ExportFormat.CompressedTensors ? null : grids
            .GroupBy(target => (target.Layer.Block, target.Layer.Stage))
            .FirstOrDefault(stage => stage.Select(target => target.Item2).Distinct().Count() > 1);
        if (split is not null)
        {
            steps.Warn($"Servers run {string.Join(", ", split.Select(target => target.Layer.Name))} as one matrix, but their schemes differ, so that vLLM cannot load them together. Quantize with New-AutoBitQuantizer -EnableFusedGroups $true.");
        }
    }

    private static DType DenseTypeOf(ModelConfig config, DenseType type) => type switch
    {
        DenseType.F16 => DType.F16,
        DenseType.BF16 => DType.BF16,
        _ => config.TorchDType == DType.BF16 ? DType.BF16 : DType.F16,
    };

    // Loaders take the model's type from here; tensors in another one are converted as they load.
    private static void SetType(JsonObject config, DType type)
    {
        var name = type == DType.BF16 ? "bfloat16" : "float16";
        config[config.ContainsKey("dtype") ? "dtype" : "torch_dtype"] = name;
    }

    // safetensors exports copy it with the other side files.
    private static void CopyOldSourceCard(string source, string destination, ExportFormat format)
    {
        var card = Path.Combine(source, FileNames.SourceCard);
        if (format == ExportFormat.Gguf && File.Exists(card))
        {
            File.Copy(card, Path.Combine(destination, FileNames.SourceCard), overwrite: true);
        }
    }
}
