using OneComp.Export;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Pipeline.Memory;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Runtime;
using OneComp.Runtime.Teams;
using OneComp.Safetensors;
using TorchSharp;

namespace OneComp.Estimation;

/// <summary>
/// Says what a run would do, and refuses what the run would refuse before its long work: settings, model, destination, text, budget and form.
/// Reads config.json, the weights' headers and the calibration text; no weights, and nothing is written.
/// </summary>
public static class Forecaster
{
    /// <summary>Makes the forecast.</summary>
    /// <param name="options">The run. Its model may lack the weights.</param>
    /// <param name="export">The form of the result.</param>
    /// <param name="token">Stops the work.</param>
    /// <exception cref="Errors.OneCompException">What a run would refuse before its long work.</exception>
    public static QuantizationForecast Of(QuantizationOptions options, ExportOptions export, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(export);
        options.Quantizer.Validate();
        options.Qep?.Validate();
        DestinationFolder.Check(options.Destination, options.Force, options.Model);
        var (forecast, run) = Look(options, export, token);
        return forecast with { EstimatedTime = RunTime.Of(run, DeviceRates.Measure(ComputeDevices.ParseAll(options.Device)[0])) };
    }

    /// <summary>The forecast without its time, for which the device is timed; and what it follows from.</summary>
    /// <param name="options">The run, whose settings and destination were checked.</param>
    /// <param name="export">The form of the result.</param>
    /// <param name="token">Stops the work.</param>
    internal static (QuantizationForecast Forecast, RunShape Run) Look(QuantizationOptions options, ExportOptions export, CancellationToken token)
    {
        var config = ModelFolder.ConfigOfSource(options.Model);
        var source = SourceTensors.Read(config);
        if (source.HasWeights)
        {
            QuantizeAndExport.CheckModel(config, export);
        }

        var plan = new Planner(config, source.Topology, options, ByBits).Preview(token);
        QuantizeAndExport.Accept(plan, export, null);

        var devices = ComputeDevices.ParseAll(options.Device);
        var device = devices[0];
        using var limit = GpuMemoryLimit.Use(options.MaxGpuMemoryGB);
        var run = Shape(options, source, plan, devices, token) with { Devices = devices.Count };
        var (gpuBytes, hostBytes) = RunMemory.Peak(run, device.type == DeviceType.CUDA ? GpuRoom.Of(devices) : default);
        var weights = plan.Layers.Sum(planned => planned.Parameters);
        var forecast = new QuantizationForecast
        {
            Source = options.Model,
            Destination = Path.GetFullPath(options.Destination),
            Format = export.Format,
            Quantizer = options.Quantizer.Name,
            Device = DeviceTeam.NameOf(devices),
            Layers = plan.Layers.Count,
            PlainLayers = source.Topology.Layers.Count - plan.Layers.Count,
            QuantizedParams = weights,
            TotalParams = source.Topology.TotalParameters,
            TargetBit = plan.Summary.TargetBit,
            Bits = plan.Layers.Sum(planned => planned.Scheme.Bits * planned.Parameters) / weights,
            EffectiveBits = plan.Summary.EffectiveBits,
            IsPlanKnown = options.Assignment is not null || options.Quantizer is not AutoBitQuantizer { AssignmentStrategy: not AssignmentStrategy.Manual },
            SourceBytes = source.Stored.Sum(WeightFiles.SizeOf),
            CheckpointBytes = FolderForecast.Bytes(source, plan, options with { MaxLength = run.WindowLength }, export),
            FreeDiskBytes = DiskSpace.FreeAt(options.Destination),
            CalibrationWindows = (int)(run.Tokens / run.WindowLength),
            CalibrationTokens = run.Tokens,
            RatingTokens = run.RatingTokens,
            PeakGpuBytes = gpuBytes,
            PeakHostBytes = hostBytes,
            EstimatedTime = TimeSpan.Zero,
        };
        return (forecast, run);
    }

    private static RunShape Shape(QuantizationOptions options, SourceTensors source, QuantizationPlan plan, IReadOnlyList<torch.Device> devices, CancellationToken token)
    {
        var device = devices[0];
        var calibration = new CalibrationWindows(options, source.Config);
        var length = options.MaxLength ?? calibration.DefaultLength;
        var calibrates = plan.Layers.Any(planned => planned.Quantizer.NeedsHessian) || options.Quantizer.CalcQuantError;
        var rated = options.Assignment is null ? options.Quantizer as AutoBitQuantizer : null;
        var given = calibrates ? Tokens(options.NumCalibrationSamples, length) : 0;
        var rounds = !calibrates ? 0 : options.ResampleRounds
            ?? RoundsByMemory.For(source.Config, source.Topology, given, options.Qep is not null, devices);
        return new RunShape
        {
            Config = source.Config,
            Topology = source.Topology,
            Plan = plan,
            Rated = rated is { NeedsCalibration: true } ? rated : null,
            IsGpu = device.type == DeviceType.CUDA,
            ElementBytes = (int)ComputeType.For(device, source.Config.TorchDType).ElementSize(),
            Tokens = given * (1 + rounds),
            ResampledTokens = given * rounds,
            TuningSteps = options.TuningOrDefault().Steps,
            TuningTokens = (long)options.TuningOrDefault().Steps * options.TuningOrDefault().WindowsPerStep * length,
            WindowLength = length,
            RatingTokens = rated is { NeedsCalibration: true } ? Tokens(rated.NumCalibSamples, rated.CalibSeqLen) : 0,
            Propagates = options.Qep is not null && calibrates,
        };

        // What the text really gives; as asked for where only config.json was fetched.
        long Tokens(int? samples, int windowLength) => source.HasWeights
            ? calibration.Load(samples, windowLength, token).Ids.LongLength
            : (long)(samples ?? CalibrationWindows.DefaultSamples) * windowLength;
    }

    // In place of costs, which only weights tell: the squared error of a code falls fourfold with each bit. A little more for later layers, so
    // that no two plans cost the same.
    private static IReadOnlyList<double[]> ByBits(AutoBitQuantizer autoBit, IReadOnlyList<LinearLayer> layers, IProgress<Progress.RunEvent>? progress, CancellationToken token) =>
        [.. layers.Select((layer, index) => autoBit.Quantizers.Select(candidate =>
            layer.WeightCount * Math.Pow(4, -candidate.SchemeFor(layer).Bits) * (1 + (index / (10.0 * layers.Count)))).ToArray())];
}
