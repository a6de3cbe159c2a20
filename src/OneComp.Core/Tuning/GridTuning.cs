using System.Globalization;
using OneComp.Calibration;
using OneComp.Formats;
using OneComp.Formats.Gptq;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization.Grids;
using OneComp.Runtime;
using OneComp.Runtime.Teams;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Tuning;

/// <summary>
/// Tunes the scales and codes of a quantized model, zero points being what they are, so that its next-token distributions come closest
/// to those of the model that it was made from (docs/adr/0037). Each step walks some of the windows forward and back, one block's weights in
/// memory at a time. What the tuning itself keeps of each weight stays in memory: as many blocks are tuned at once as have room, then the next.
/// </summary>
internal sealed class GridTuning(CausalModel source, TuningOptions options, DeviceTeam team, IProgress<RunEvent>? progress)
{
    private readonly Device _device = team.Device;
    private const string Activity = "Tuning";

    /// <summary>Tunes a checkpoint that was just written, in its files; every other byte stays.</summary>
    /// <param name="folder">The checkpoint, which nobody else has open.</param>
    /// <param name="keep">
    /// Folder that gets each tuned part before the checkpoint does. Parts that are there come from a run that was stopped after them, and are
    /// taken from it: the checkpoint may hold some of it already, and is not to be tuned again.
    /// </param>
    /// <param name="source">The model that was quantized.</param>
    /// <param name="windows">What both read; the model makes more of them where steps would go over the same ones too often.</param>
    /// <param name="options">How long and how far.</param>
    /// <param name="seed">The run's; the windows that are made have the next.</param>
    /// <param name="team">Where to compute: the windows that are made by all devices, the tuning by the first.</param>
    /// <param name="progress">Told at each step.</param>
    /// <param name="token">Asked before each batch; the files are as they were then.</param>
    /// <exception cref="Quantization.NumericException">A loss is not finite.</exception>
    /// <exception cref="SafetensorsException">A file cannot be written, or one in <paramref name="keep"/> holds other tensors.</exception>
    /// <exception cref="DeviceException">OutOfMemory: a window alone, or a single block, has no room.</exception>
    public static void Run(string folder, string keep, CausalModel source, TokenWindows windows, TuningOptions options, int seed, DeviceTeam team, IProgress<RunEvent>? progress, CancellationToken token) =>
        new GridTuning(source, options, team, progress).Run(folder, keep, windows, seed, token);

    private void Run(string folder, string keep, TokenWindows windows, int seed, CancellationToken token)
    {
        var type = ComputeType.For(_device, source.Config.TorchDType);
        var purpose = PassPurpose.Tuning with { HeldBytes = TunedPart.Bytes(source.Topology.LayersOf(0)) }; // a part may be one block
        var bound = new MemoryBound(_device, purpose.Work, () => purpose.WhatFits(source, windows.Length, _device, type), purpose.WhatToDo);
        bound.Run(() => Run(folder, keep, windows, seed, bound, token));
    }

    private void Run(string folder, string keep, TokenWindows windows, int seed, MemoryBound bound, CancellationToken token)
    {
        using var noGrad = no_grad();
        var before = TunedPart.In(keep);
        foreach (var part in before)
        {
            Patch(folder, part, token);
        }

        var parts = TunedPart.Of(keep, TunedLayers(folder).Where(layer => !before.Any(part => part.Holds(layer))), TunedPart.Room(_device)).ToList();
        var total = options.Steps * parts.Count;
        if (total == 0)
        {
            return;
        }

        var more = new WindowResampler(source, team, seed + 1).Extend(windows, options.RoundsFor(windows), progress, token);
        bound.At("full-precision outputs");
        progress?.Report(new ProgressEvent(1, Activity, "full-precision outputs", 0, total));
        using (var data = new TuningData(source, more, options.WindowsPerStep, _device, progress, token))
        {
            for (var i = 0; i < parts.Count; i++)
            {
                bound.At(string.Create(CultureInfo.InvariantCulture, $"blocks {parts[i].First + 1} to {parts[i].Last + 1} at once"));
                Tune(folder, parts[i], data, i * options.Steps, total, token);
                Patch(folder, parts[i], token);
            }
        }

        progress?.Report(new ProgressEvent(1, Activity, "done", total, total));
    }

    private static List<LinearLayer> TunedLayers(string folder)
    {
        using var model = QuantizedModel.Open(folder);
        return [.. model.Layers.Where(layer => model.GridOf(layer) is not null)];
    }

    private void Tune(string folder, TunedPart part, TuningData data, int done, int total, CancellationToken token)
    {
        using var model = QuantizedModel.Open(folder);
        var layers = model.Layers.Where(layer => part.Holds(layer) && model.GridOf(layer) is not null).ToList();
        using var tuner = new GridTuner(model, source, layers, _device);
        var type = ComputeType.For(_device, source.Config.TorchDType);
        using var head = source.LoadHead(_device, type);
        var walked = tuner.Count == model.Layers.Count ? source : model.Model; // the tuner has the weights of what it tunes: they need not be decoded again
        var told = new FirstHalving(progress);
        var purpose = PassPurpose.Tuning with { HeldBytes = TunedPart.Bytes(layers) };
        for (var step = 0; step < options.Steps; step++)
        {
            progress?.Report(new ProgressEvent(1, Activity, string.Create(CultureInfo.InvariantCulture, $"step {done + step + 1} of {total}"), done + step, total));
            var windowsOfStep = step % data.Parts.Count;
            var left = (options.Steps - step) / (double)options.Steps;
            (tuner.ScaleRate, tuner.CodeRate) = (options.Rate * left, options.CodeRate * left);
            var loss = new DivergenceLoss(head, data.StatesOf(windowsOfStep));
            new GradientPass(walked, data.Parts[windowsOfStep], _device, type, loss, tuner.Put, purpose).Run(tuner, told, token);
        }

        Keep(part.Path, model, layers, tuner);
    }

    private static void Keep(string path, QuantizedModel model, IEnumerable<LinearLayer> layers, GridTuner tuner)
    {
        using var writer = SafetensorsWriter.Create(path, [.. layers.SelectMany(layer => GptqNames.Specs(layer, SchemeOf(model, layer)))]);
        foreach (var result in tuner.Results())
        {
            using (result)
            {
                GptqLayerWriter.Write(result, _ => writer);
            }
        }

        writer.Commit();
    }

    private static GroupScheme SchemeOf(QuantizedModel model, LinearLayer layer)
    {
        using var weight = (GroupedWeight)model.Read(layer);
        return weight.Scheme;
    }

    /// <summary>Brings a tuned part into the checkpoint.</summary>
    private static void Patch(string folder, TunedPart part, CancellationToken token)
    {
        using var tuned = SafetensorsFile.Open(part.Path);
        foreach (var place in Places(folder, tuned.Tensors.Keys))
        {
            token.ThrowIfCancellationRequested();
            var kept = tuned.Require(place.Name);
            if (kept.DType != place.DType || !kept.Shape.SequenceEqual(place.Shape))
            {
                throw new SafetensorsException(SafetensorsError.DTypeUnexpected, part.Path, $"'{place.Name}' of '{part.Path}' is {DTypes.NameOf(kept.DType)} [{string.Join(", ", kept.Shape)}], expected {DTypes.NameOf(place.DType)} [{string.Join(", ", place.Shape)}] as in the checkpoint. Delete the file to tune again.");
            }

            SafetensorsPatch.Write(place, tuned.ReadBytes(kept));
        }
    }

    /// <summary>Where tensors lie. The checkpoint is closed then: a file that is open cannot be written to everywhere.</summary>
    private static List<TensorEntry> Places(string folder, IEnumerable<string> names)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return [.. names.Select(checkpoint.Require)];
    }
}
