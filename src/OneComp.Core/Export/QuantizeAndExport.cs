using System.Text.Json.Nodes;
using OneComp.Export.Gguf;
using OneComp.Hub;
using OneComp.Logs;
using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Pipeline.Resuming;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Quantization.Grids;

namespace OneComp.Export;

/// <summary>Quantizes a model straight into a form: a run into its own hidden folder beside the destination, and an export of that.</summary>
public static class QuantizeAndExport
{
    /// <summary>Quantizes and exports. A plan that the form cannot hold is refused before the long work.</summary>
    /// <param name="options">The run; its destination is where the exported model goes.</param>
    /// <param name="export">The form; its model and destination are taken from the run.</param>
    /// <param name="progress">As for <see cref="QuantizationRun.Run"/>.</param>
    /// <param name="token">Stops the run, as for <see cref="QuantizationRun.Run"/>.</param>
    /// <exception cref="Errors.OneCompException">As for <see cref="QuantizationRun.Run"/> and <see cref="ExportRun.Run"/>.</exception>
    public static QuantizationResult Run(QuantizationOptions options, ExportOptions export, IProgress<RunEvent>? progress = null, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Run(ModelReference.ToFolder(options.Model), options, export, progress, token);
    }

    /// <summary>As the other, for a model that may have to be fetched first; that is in the log too.</summary>
    /// <param name="model">The model; takes the place of the one in <paramref name="options"/>.</param>
    /// <param name="options">The run.</param>
    /// <param name="export">The form.</param>
    /// <param name="progress">As for <see cref="QuantizationRun.Run"/>.</param>
    /// <param name="token">Stops the run.</param>
    /// <exception cref="Errors.OneCompException">As for the other; or the model cannot be had.</exception>
    public static QuantizationResult Run(ModelReference model, QuantizationOptions options, ExportOptions export, IProgress<RunEvent>? progress = null, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(export);
        return JournaledRun.Run(options, progress, (journal, facts) =>
        {
            journal.Phase("model");
            var run = options with
            {
                Model = model.Find(ModelNeed.Weights, null, journal, token),
                AcceptPlan = plan => Accept(plan, export, journal),
            };
            CheckModel(ModelConfig.Load(run.Model), export);
            facts["format"] = export.Format.ToString();
            return QuantizationRun.RunInFolder(run, journal, facts, (folder, result) => Finish(folder, result, run, export, journal, facts, token), token);
        });
    }

    private static QuantizationResult Finish(RunFolder folder, QuantizationResult result, QuantizationOptions options, ExportOptions export, RunJournal journal, JsonObject facts, CancellationToken token)
    {
        if (export.Format == ExportFormat.Gptq) // a run writes it
        {
            RunReport.Write(folder.Checkpoint, options, journal, null, facts);
            folder.Commit();
            return result;
        }

        journal.Phase("exporting");
        var destination = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Destination));
        var exported = ExportRun.RunLocked(
            export with { Model = folder.Checkpoint, Destination = destination, Force = options.Force },
            written =>
            {
                facts["checkpoint_bytes"] = new DirectoryInfo(written).EnumerateFiles().Sum(file => file.Length);
                RunReport.Write(written, options, journal, null, facts);
            },
            journal,
            token);
        folder.Delete();
        return result with { Destination = destination, CheckpointBytes = exported.Bytes, Elapsed = result.Elapsed + exported.Elapsed };
    }

    /// <summary>Refuses a model that the form cannot hold, which is known before anything is computed.</summary>
    internal static void CheckModel(ModelConfig config, ExportOptions export)
    {
        if (export.Format == ExportFormat.Gguf)
        {
            GgufArchitecture.Of(config);
            GgufVocabulary.Read(config, export.PreTokenizer);
        }
    }

    /// <summary>Refuses a plan that the form cannot hold, and warns of layers that cannot be divided.</summary>
    internal static void Accept(QuantizationPlan plan, ExportOptions export, IProgress<RunEvent>? progress)
    {
        if (export.Format == ExportFormat.CompressedTensors)
        {
            foreach (var planned in plan.Layers)
            {
                LayerTargets.RequirePacked(planned, export.TensorParallel);
            }
        }
        else if (export.TensorParallel > 1 && TensorParallel.Warning(plan.Layers.Where(planned => planned.Scheme is GroupScheme).Select(planned => (planned.Layer, (GroupScheme)planned.Scheme)), export.TensorParallel) is { } warning)
        {
            progress?.Report(new WarningEvent(warning));
        }
    }
}
