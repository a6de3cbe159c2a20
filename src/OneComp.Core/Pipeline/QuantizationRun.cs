using System.Diagnostics;
using System.Globalization;
using OneComp.Calibration;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Records;
using OneComp.Runtime;
using OneComp.Tuning;
using static TorchSharp.torch;

namespace OneComp.Pipeline;

/// <summary>The main job: plan, calibrate, quantize block by block, save.</summary>
public static class QuantizationRun
{
    /// <summary>Quantizes a model into a new folder.</summary>
    /// <param name="options">What, with what, where to.</param>
    /// <param name="progress">Told of phases, blocks and stages, warnings and details.</param>
    /// <param name="token">Stops the run; nothing is left at the destination then.</param>
    /// <exception cref="Errors.OneCompException">The model, quantizer, text, device or destination cannot be used.</exception>
    public static QuantizationResult Run(QuantizationOptions options, IProgress<RunEvent>? progress = null, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var clock = Stopwatch.StartNew();
        options.Quantizer.Validate();
        options.Qep?.Validate();
        options.Tuning?.Validate();
        DestinationFolder.Check(options.Destination, options.Force, options.Model);
        using var model = ModelFolder.OpenSource(options.Model);
        var device = ComputeDevices.Parse(options.Device);
        var calibration = new CalibrationWindows(options, model.Config);
        options = options with { MaxLength = options.MaxLength ?? calibration.DefaultLength };
        var steps = new RunProgress(options.Model, model.Config.NumLayers, progress);

        using var destination = DestinationFolder.Prepare(options.Destination, options.Force, options.Model); // fails before long work
        steps.Planning();
        var plan = new Planner(model, options, device, calibration).Make(progress, token);
        progress?.Report(new VerboseEvent(string.Create(CultureInfo.InvariantCulture, $"{plan.Layers.Count} layers at {plan.Summary.EffectiveBits:0.###} effective bits.")));
        options.AcceptPlan?.Invoke(plan);

        var windows = new Lazy<TokenWindows>(() => Windows(calibration, options, model, device, progress, token));
        QuantizationPlan done;
        using (var writer = new QuantizedCheckpointWriter(destination.Temporary, model, plan))
        {
            done = new BlockQuantizer(model, plan, device, new BlockSettings(options.Qep, options.Quantizer.CalcQuantError), writer.Write)
                .Run(() => windows.Value, steps, token);
            steps.Saving();
            writer.Complete(token);
        }

        if (options.Tuning is { Steps: > 0 } tuning)
        {
            ScaleTuning.Run(destination.Temporary, model, windows.Value, tuning, device, progress, token);
        }

        Describe(options, model, destination.Temporary, done, token);
        var bytes = new DirectoryInfo(destination.Temporary).EnumerateFiles().Sum(file => file.Length);

        destination.Commit();
        steps.Done();
        return new QuantizationResult
        {
            Model = model.Config.Folder,
            Destination = Path.GetFullPath(options.Destination),
            TargetBit = plan.Summary.TargetBit,
            EffectiveBits = plan.Summary.EffectiveBits,
            CheckpointBytes = bytes,
            Elapsed = clock.Elapsed,
            Assignment = done.Rows(plan.Summary with { CheckpointBytes = bytes }),
        };
    }

    private static TokenWindows Windows(CalibrationWindows calibration, QuantizationOptions options, CausalModel model, Device device, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var windows = calibration.Load(options.NumCalibrationSamples, options.MaxLength!.Value, token);
        var rounds = options.ResampleRounds ?? WindowResampler.RoundsFor(windows.Ids.Length, model.Topology.Layers.Where(layer => layer.Block >= 0).Max(layer => layer.InFeatures));
        return new WindowResampler(model, device, options.Seed).Extend(windows, rounds, progress, token);
    }

    /// <summary>Model card, and the record of how it was made.</summary>
    private static void Describe(QuantizationOptions options, CausalModel model, string folder, QuantizationPlan done, CancellationToken token)
    {
        var record = RunRecord.OfQuantization(options, options.Seed, done.Rows(done.Summary));
        ModelCard.KeepSourceCard(model.Checkpoint.Folder, folder);
        ModelCard.Write(folder, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Destination))), QuantizationSettings.Of(ModelConfig.Load(folder))?.Method, record);
        record.Write(folder, token);
    }
}
