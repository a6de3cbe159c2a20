using OneComp.Export.Gguf;
using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Quantization.Grids;

namespace OneComp.Export;

/// <summary>Quantizes a model straight into a form: a run into a hidden folder beside the destination, and an export of that.</summary>
public static class QuantizeAndExport
{
    /// <summary>Quantizes and exports. A plan that the form cannot hold is refused before the long work.</summary>
    /// <param name="options">The run; its destination is where the exported model goes.</param>
    /// <param name="export">The form; its model and destination are taken from the run.</param>
    /// <param name="progress">As for <see cref="QuantizationRun.Run"/>.</param>
    /// <param name="token">Stops; nothing is left at the destination then.</param>
    /// <exception cref="Errors.OneCompException">As for <see cref="QuantizationRun.Run"/> and <see cref="ExportRun.Run"/>.</exception>
    public static QuantizationResult Run(QuantizationOptions options, ExportOptions export, IProgress<RunEvent>? progress = null, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(export);
        options = options with { AcceptPlan = plan => Accept(plan, export, progress) };
        if (export.Format == ExportFormat.Gptq)
        {
            return QuantizationRun.Run(options, progress, token); // a run writes it
        }

        CheckModel(ModelConfig.Load(options.Model), export);
        DestinationFolder.Check(options.Destination, options.Force, options.Model);
        var destination = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Destination));
        var hidden = Path.Combine(Path.GetDirectoryName(destination)!, $".{Path.GetFileName(destination)}.{Environment.ProcessId}.gptq");
        try
        {
            var result = QuantizationRun.Run(options with { Destination = hidden, Force = true }, progress, token);
            var exported = ExportRun.Run(export with { Model = hidden, Destination = destination, Force = options.Force }, progress, token);
            return result with { Destination = destination, CheckpointBytes = exported.Bytes, Elapsed = result.Elapsed + exported.Elapsed };
        }
        finally
        {
            if (Directory.Exists(hidden))
            {
                Directory.Delete(hidden, recursive: true);
            }
        }
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
