using System.Globalization;
using System.Runtime.InteropServices;
using OneComp.Calibration;
using OneComp.Formats;
using OneComp.Formats.Gptq;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Runtime;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Tuning;

/// <summary>
/// Tunes the scales of a quantized model, codes and zero points being what they are, so that its next-token distributions come closest
/// to those of the model that it was made from (docs/adr/0029). Each step walks some of the windows forward and back, one block in memory
/// at a time.
/// </summary>
internal static class ScaleTuning
{
    /// <summary>Tunes a checkpoint that was just written, in its files; every other byte stays.</summary>
    /// <param name="folder">The checkpoint, which nobody else has open.</param>
    /// <param name="keep">
    /// Gets the tuned scales before the checkpoint does. Where it is there, a run was stopped after it, and they are taken from it: the
    /// checkpoint may hold some of them already, and is not to be tuned again.
    /// </param>
    /// <param name="source">The model that was quantized.</param>
    /// <param name="windows">What both read.</param>
    /// <param name="options">How long and how far.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="progress">Told at each step.</param>
    /// <param name="token">Asked before each batch; the files are as they were then.</param>
    /// <exception cref="Quantization.NumericException">A loss is not finite.</exception>
    /// <exception cref="SafetensorsException">A file cannot be written, or <paramref name="keep"/> holds other tensors.</exception>
    public static void Run(string folder, string keep, CausalModel source, TokenWindows windows, TuningOptions options, Device device, IProgress<RunEvent>? progress, CancellationToken token)
    {
        if (!File.Exists(keep))
        {
            Keep(keep, Tuned(folder, source, windows, options, device, progress, token));
        }

        using var tuned = SafetensorsFile.Open(keep);
        foreach (var scales in Places(folder, tuned.Tensors.Keys))
        {
            token.ThrowIfCancellationRequested();
            var kept = tuned.Require(scales.Name);
            if (kept.DType != scales.DType || !kept.Shape.SequenceEqual(scales.Shape))
            {
                throw new SafetensorsException(SafetensorsError.DTypeUnexpected, keep, $"'{scales.Name}' of '{keep}' is {DTypes.NameOf(kept.DType)} [{string.Join(", ", kept.Shape)}], expected {DTypes.NameOf(scales.DType)} [{string.Join(", ", scales.Shape)}] as in the checkpoint. Delete the file to tune again.");
            }

            SafetensorsPatch.Write(scales, tuned.ReadBytes(kept));
        }
    }

    /// <summary>Where tensors lie. The checkpoint is closed then: a file that is open cannot be written to everywhere.</summary>
    private static List<TensorEntry> Places(string folder, IEnumerable<string> names)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return [.. names.Select(checkpoint.Require)];
    }

    private static void Keep(string path, IReadOnlyList<(TensorEntry Scales, byte[] Values)> tuned)
    {
        using var writer = SafetensorsWriter.Create(path, [.. tuned.Select(scales => new TensorSpec(scales.Scales.Name, scales.Scales.DType, scales.Scales.Shape))]);
        foreach (var (scales, values) in tuned)
        {
            writer.Write(scales.Name, values);
        }

        writer.Commit();
    }

    /// <summary>The tensors to replace.</summary>
    private static List<(TensorEntry Scales, byte[] Values)> Tuned(
        string folder, CausalModel source, TokenWindows windows, TuningOptions options, Device device, IProgress<RunEvent>? progress, CancellationToken token)
    {
        using var model = QuantizedModel.Open(folder);
        using var tuner = new ScaleTuner(model, device);
        if (tuner.Count > 0)
        {
            Tune(tuner, model, source, windows, options, device, progress, token);
        }

        return [.. tuner.Results().Select(result => Scaled(model, result.Layer, result.Factors))];
    }

    private static void Tune(
        ScaleTuner tuner, QuantizedModel model, CausalModel source, TokenWindows windows, TuningOptions options, Device device, IProgress<RunEvent>? progress, CancellationToken token)
    {
        const string activity = "Tuning scales";
        using var noGrad = no_grad();
        progress?.Report(new ProgressEvent(1, activity, "full-precision outputs", 0, options.Steps));
        using var data = new TuningData(source, windows, options.WindowsPerStep, device, token);
        var type = ComputeType.For(device, source.Config.TorchDType);
        using var head = source.LoadHead(device, type);
        for (var step = 0; step < options.Steps; step++)
        {
            progress?.Report(new ProgressEvent(1, activity, string.Create(CultureInfo.InvariantCulture, $"step {step + 1} of {options.Steps}"), step, options.Steps));
            var part = step % data.Parts.Count;
            tuner.Rate = options.Rate * (options.Steps - step) / options.Steps;
            new GradientPass(model.Model, data.Parts[part], device, type, new DivergenceLoss(head, data.StatesOf(part)), tuner.Scale).Run(tuner, null, token);
        }

        progress?.Report(new ProgressEvent(1, activity, "done", options.Steps, options.Steps));
    }

    private static (TensorEntry Scales, byte[] Values) Scaled(QuantizedModel model, LinearLayer layer, float[] factors)
    {
        var grid = model.GridOf(layer)!;
        var values = new Half[factors.Length];                                     // (groups, d_out)
        for (var row = 0; row < layer.OutFeatures; row++)
        {
            for (var group = 0; group < grid.Groups; group++)
            {
                var i = (row * grid.Groups) + group;
                values[(group * layer.OutFeatures) + row] = (Half)(grid.Scales[i] * factors[i]);
            }
        }

        return (model.Model.Checkpoint.Require(GptqNames.Scales(layer.Name)), MemoryMarshal.AsBytes<Half>(values).ToArray());
    }
}
