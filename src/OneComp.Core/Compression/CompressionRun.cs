using System.Diagnostics;
using OneComp.Calibration;
using OneComp.Estimation;
using OneComp.Evaluation;
using OneComp.Export;
using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Progress;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Gptq;
using OneComp.Records;
using OneComp.Reports;

namespace OneComp.Compression;

/// <summary>The whole job with good defaults: AutoBit over GPTQ of 2, 3, 4 and 8 bits, error propagation, reports, perplexity.</summary>
public static class CompressionRun
{
    /// <summary>Compresses a model.</summary>
    /// <param name="options">What, how far, where to.</param>
    /// <param name="progress">Told of steps, and of what each step tells.</param>
    /// <param name="token">Stops. A quantized model that is whole by then stays.</param>
    /// <exception cref="Errors.OneCompException">The model, budget, text, device or a destination cannot be used.</exception>
    public static CompressionResult Run(CompressionOptions options, IProgress<RunEvent>? progress = null, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var clock = Stopwatch.StartNew();
        if (options is { Evaluates: true, Format: ExportFormat.Gguf })
        {
            progress?.Report(new WarningEvent("The perplexity of a GGUF file is not measured here: llama.cpp does that (llama-perplexity)."));
            options = options with { Evaluates = false };
        }

        var text = options.Evaluates || options.EvaluatesOriginal ? options.EvaluationPath ?? DefaultText.EvaluationPath : null;
        CheckReports(options);
        var steps = new CompressionSteps(options.Model, 2 + (options.Evaluates ? 1 : 0) + (options.EvaluatesOriginal ? 1 : 0), progress);

        steps.Next("quantizing");
        var quantized = QuantizeAndExport.Run(Preflight.Of(Quantization(options), Export(options)), Export(options), steps, token);
        steps.Next("writing reports");
        var report = new AssignmentReport(quantized.Assignment);
        AssignmentFile.Write(options.Workbook, report, options.Force);
        Heatmap.Write(options.Heatmap, report, options.Force);

        var perplexity = options.Evaluates ? Measure("measuring the result", quantized.Destination) : null;
        if (perplexity is not null)
        {
            RecordedEvaluation.Add(perplexity, token);
        }

        var original = options.EvaluatesOriginal ? Measure("measuring the original", options.Model) : null;
        steps.Done();
        return new CompressionResult
        {
            Model = options.Model,
            Destination = quantized.Destination,
            TargetBit = options.TargetBit,
            EffectiveBits = quantized.EffectiveBits,
            Layers = quantized.Assignment.Count,
            Perplexity = perplexity?.Perplexity,
            OriginalPerplexity = original?.Perplexity,
            EvaluationPath = text,
            OriginalBytes = SourceTensors.Read(ModelConfig.Load(options.Model)).Stored.Sum(WeightFiles.SizeOf),
            CheckpointBytes = quantized.CheckpointBytes,
            Seconds = clock.Elapsed.TotalSeconds,
            Workbook = options.Workbook,
            Heatmap = options.Heatmap,
        };

        PerplexityResult Measure(string status, string folder)
        {
            steps.Next(status);
            return PerplexityRun.Run(new PerplexityOptions { Model = folder, Path = text!, TensorName = options.TensorName, MaxLength = options.MaxLength, Device = options.Device?.Split(',')[0] }, steps, token);
        }
    }

    /// <summary>What the job would do; nothing is written.</summary>
    /// <exception cref="Errors.OneCompException">As for <see cref="Run"/>.</exception>
    public static QuantizationForecast Forecast(CompressionOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        CheckReports(options);
        return Forecaster.Of(Quantization(options), Export(options), token);
    }

    private static QuantizationOptions Quantization(CompressionOptions options)
    {
        var quantizer = new AutoBitQuantizer
        {
            TargetBit = options.TargetBit,
            Quantizers = [.. AutoBitQuantizer.CandidatesOf(QuantizationPreset.Default).Cast<GptqQuantizer>().Select(candidate => candidate with { GroupSize = options.GroupSize })],
            Model = options.Model,
        };
        return new QuantizationOptions
        {
            Model = options.Model,
            Quantizer = options.NumCalibrationSamples is { } samples ? quantizer with { NumCalibSamples = Math.Min(samples, quantizer.NumCalibSamples) } : quantizer,
            Destination = options.Destination,
            CalibrationPath = options.CalibrationPath,
            TensorName = options.TensorName,
            NumCalibrationSamples = options.NumCalibrationSamples,
            MaxLength = options.MaxLength,
            Seed = options.Seed,
            Device = options.Device,
            MaxGpuMemoryGB = options.MaxGpuMemoryGB,
            Qep = options.Qep ? new ErrorPropagation() : null,
            Force = options.Force,
            Resume = options.Resume,
            LogPath = options.LogPath,
        };
    }

    private static ExportOptions Export(CompressionOptions options) => new() { Model = options.Model, Destination = options.Destination, Format = options.Format };

    // Said before the long work: a report that cannot be written would come to light at its end.
    private static void CheckReports(CompressionOptions options)
    {
        foreach (var file in new[] { options.Workbook, options.Heatmap })
        {
            if (Directory.Exists(Path.GetDirectoryName(file)))
            {
                ReportFile.CheckDestination(file, options.Force);
            }
        }
    }
}
