using System.Globalization;
using OneComp.Calibration;
using OneComp.Formats;
using OneComp.Formats.Gptq;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization.Grids;
using OneComp.Runtime;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Tuning;

/// <summary>
/// Tunes the scales of a quantized model, codes and zero points being what they are, so that its next-token distributions come closest
/// to those of the model that it was made from (docs/adr/0029). Each step walks some of the windows forward and back, one block in memory
/// at a time.
/// </summary>
internal static class GridTuning
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
            Tune(keep, folder, source, windows, options, device, progress, token);
        }

        using var tuned = SafetensorsFile.Open(keep);
        foreach (var place in Places(folder, tuned.Tensors.Keys))
        {
            token.ThrowIfCancellationRequested();
            var kept = tuned.Require(place.Name);
            if (kept.DType != place.DType || !kept.Shape.SequenceEqual(place.Shape))
            {
                throw new SafetensorsException(SafetensorsError.DTypeUnexpected, keep, $"'{place.Name}' of '{keep}' is {DTypes.NameOf(kept.DType)} [{string.Join(", ", kept.Shape)}], expected {DTypes.NameOf(place.DType)} [{string.Join(", ", place.Shape)}] as in the checkpoint. Delete the file to tune again.");
            }

            SafetensorsPatch.Write(place, tuned.ReadBytes(kept));
        }
    }

    /// <summary>Where tensors lie. The checkpoint is closed then: files that are mapped cannot be written to everywhere.</summary>
    private static List<TensorEntry> Places(string folder, IEnumerable<string> names)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return [.. names.Select(checkpoint.Require)];
    }

    private static void Tune(
        string keep, string folder, CausalModel source, TokenWindows windows, TuningOptions options, Device device, IProgress<RunEvent>? progress, CancellationToken token)
    {
        using var model = QuantizedModel.Open(folder);
        using var tuner = new GridTuner(model, source, device);
        if (tuner.Count > 0)
        {
            Tune(tuner, model, source, windows, options, device, progress, token);
        }

        var layers = model.Layers.Where(layer => model.GridOf(layer) is not null);
        using var writer = SafetensorsWriter.Create(keep, [.. layers.SelectMany(layer => GptqNames.Specs(layer, ((GroupedWeight)model.Read(layer)).Scheme))]);
        foreach (var result in tuner.Results())
        {
            using (result)
            {
                GptqLayerWriter.Write(result, _ => writer);
            }
        }

        writer.Commit();
    }

    private static void Tune(
        GridTuner tuner, QuantizedModel model, CausalModel source, TokenWindows windows, TuningOptions options, Device device, IProgress<RunEvent>? progress, CancellationToken token)
    {
        const string activity = "Tuning";
        using var noGrad = no_grad();
        progress?.Report(new ProgressEvent(1, activity, "full-precision outputs", 0, options.Steps));
        using var data = new TuningData(source, windows, options.WindowsPerStep, device, token);
        var type = ComputeType.For(device, source.Config.TorchDType);
        using var head = source.LoadHead(device, type);
        var walked = tuner.Count == model.Layers.Count ? source : model.Model; // the tuner has the weights of all it tunes: they need not be decoded again
        for (var step = 0; step < options.Steps; step++)
        {
            progress?.Report(new ProgressEvent(1, activity, string.Create(CultureInfo.InvariantCulture, $"step {step + 1} of {options.Steps}"), step, options.Steps));
            var part = step % data.Parts.Count;
            var left = (options.Steps - step) / (double)options.Steps;
            (tuner.ScaleRate, tuner.CodeRate) = (options.Rate * left, options.CodeRate * left);
            new GradientPass(walked, data.Parts[part], device, type, new DivergenceLoss(head, data.StatesOf(part)), tuner.Put).Run(tuner, null, token);
        }

        progress?.Report(new ProgressEvent(1, activity, "done", options.Steps, options.Steps));
    }
}
