using OneComp.Export;
using OneComp.Export.Gguf;
using OneComp.Formats;
using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.Grids;
using OneComp.Records;

namespace OneComp.Estimation;

/// <summary>
/// Bytes of the folder that a run will write, from the plan alone: weight files with their headers, the source's side files,
/// config.json, record and model card, each as it will be written.
/// </summary>
internal static class FolderForecast
{
    /// <summary>Bytes of all files.</summary>
    /// <param name="source">The model.</param>
    /// <param name="plan">What each layer gets.</param>
    /// <param name="options">The run, for the record.</param>
    /// <param name="export">The form.</param>
    /// <exception cref="ExportException">The form cannot hold the plan or the model.</exception>
    public static long Bytes(SourceTensors source, QuantizationPlan plan, QuantizationOptions options, ExportOptions export)
    {
        var files = export.Format == ExportFormat.Gguf ? Gguf(source, plan, export) : Safetensors(source, plan, export);
        var folder = source.Config.Folder;
        var keepsCard = RunRecord.Read(folder) is null && File.Exists(Path.Combine(folder, FileNames.Card));
        if (keepsCard)
        {
            files.Add(KeyValuePair.Create(FileNames.SourceCard, Size(Path.Combine(folder, FileNames.Card))));
        }

        var record = RunRecord.OfQuantization(options, options.Seed, plan.Rows(plan.Summary));
        if (export.Format != ExportFormat.Gptq)
        {
            record = RunRecord.OfExport(export, record);
        }

        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(options.Destination));
        var method = export.Format == ExportFormat.Gguf ? "gguf" : (string?)PlannedTensors.ConfigOf(source, plan, export)?["quant_method"];
        files.Add(KeyValuePair.Create(FileNames.Card, (long)System.Text.Encoding.UTF8.GetByteCount(ModelCard.Text(name, method, record, keepsCard))));
        return files.Sum(file => file.Value) + record.SizeFor(files);
    }

    // A file of the hub's cache is a link, whose own length is not the file's.
    private static long Size(string file) => Hub.LinkedFile.LengthOf(file) ?? 0;

    private static List<KeyValuePair<string, long>> Safetensors(SourceTensors source, QuantizationPlan plan, ExportOptions export)
    {
        var files = WeightFiles.Of(PlannedTensors.All(source, plan, export)).ToList();
        files.AddRange(CheckpointFiles.SideFiles(source.Config.Folder).Select(file => KeyValuePair.Create(Path.GetFileName(file), Size(file))));
        var config = CheckpointFiles.ConfigOf(source.Config.Raw, PlannedTensors.ConfigOf(source, plan, export));
        files.Add(KeyValuePair.Create("config.json", CheckpointFiles.Encode(config).LongLength));
        return files;
    }

    private static List<KeyValuePair<string, long>> Gguf(SourceTensors source, QuantizationPlan plan, ExportOptions export)
    {
        var types = plan.Layers.ToDictionary(
            planned => planned.Layer.WeightName,
            planned => planned.Scheme is GroupScheme scheme ? GridType.Of(scheme, planned.Layer.InFeatures, PlannedTensors.IsInOrder(planned)) : null);
        var layout = new GgufLayout(source.Config, source.Topology, types, export);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(export.Destination)));
        return [KeyValuePair.Create(name + ".gguf", GgufWriter.LengthOf(source.HasWeights ? layout.Metadata() : new GgufMetadata(), layout.Targets))];
    }
}
