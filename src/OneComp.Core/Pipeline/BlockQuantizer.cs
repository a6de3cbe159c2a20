using System.Globalization;
using OneComp.Calibration;
using OneComp.Models;
using OneComp.Pipeline.Memory;
using OneComp.Pipeline.Resuming;
using OneComp.Pipeline.Teams;
using OneComp.Quantization;
using OneComp.Runtime;
using OneComp.Runtime.Teams;
using static TorchSharp.torch;

namespace OneComp.Pipeline;

/// <summary>
/// Quantizes a plan block by block, and hands the layers on. Without error propagation one forward of the calibration windows through a
/// block gives the Hessian of each stage's input; with it, <see cref="PropagatedPass"/> gives them stage by stage. Holds one block and the
/// next, its Hessians, a few quantized layers and the windows' states.
/// </summary>
/// <remarks>
/// A run that goes on skips the blocks before the states that were kept, and walks through the finished ones after them with the weights
/// that were saved, which gives the states that the run had.
/// </remarks>
/// <param name="model">The source.</param>
/// <param name="plan">What to do.</param>
/// <param name="team">Where to compute: windows are shared by its devices, and so are the layers of a block (docs/adr/0034).</param>
/// <param name="settings">How.</param>
/// <param name="save">Gets each layer once, in order, on another thread; borrowed.</param>
/// <param name="keeper">Keeps what a run needs to go on; null for a run that need not.</param>
internal sealed class BlockQuantizer(CausalModel model, QuantizationPlan plan, DeviceTeam team, BlockSettings settings, Action<QuantizedWeight> save, RunKeeper? keeper = null)
{
    private readonly ScalarType _type = ComputeType.For(team.Device, model.Config.TorchDType);
    private readonly ILookup<int, PlannedLayer> _byBlock = plan.Layers.ToLookup(layer => layer.Layer.Block);
    private readonly Dictionary<string, PlannedLayer> _done = [];

    /// <summary>Quantizes every layer of the plan.</summary>
    /// <param name="windows">Loads the calibration windows; not called where nothing needs them.</param>
    /// <param name="progress">Told block by block and layer by layer.</param>
    /// <param name="token">Asked before each batch and inside each layer.</param>
    /// <returns>The plan, with errors where they were asked for.</returns>
    /// <exception cref="DeviceException">Failed: a device failed, and no other could go on with its work. OutOfMemory: there is no room for a window, a layer or a block alone.</exception>
    public QuantizationPlan Run(Func<TokenWindows> windows, RunProgress progress, CancellationToken token)
    {
        var memory = new TeamMemory(model, plan, team, _type, settings.Qep is not null);
        var length = 0;
        var bound = new MemoryBound(team.Device, "layers were quantized", () => memory.WhatFits(length), "The blocks that are finished are kept: -Resume goes on from there, with other devices or -MaxGpuMemoryGB.");
        return bound.Run(() => Run(
            () =>
            {
                var loaded = windows();
                length = loaded.Length;
                return loaded;
            },
            memory,
            bound,
            progress,
            token));
    }

    private QuantizationPlan Run(Func<TokenWindows> windows, TeamMemory memory, MemoryBound bound, RunProgress progress, CancellationToken token)
    {
        bound.At("calibration windows");
        var finished = keeper?.Finished ?? 0;
        foreach (var planned in plan.Layers.Where(planned => planned.Layer.Block < finished))
        {
            _done.Add(planned.Layer.Name, keeper!.Done(planned, settings.CalcErrors));
        }

        var calibration = finished < model.Config.NumLayers && plan.Layers.Any(settings.NeedsHessian) ? Load(windows, progress) : null;
        var start = new CalibrationStart(model, plan, team, _type, keeper);
        using var curvatures = calibration is null ? null : start.Curvatures(calibration, progress.Events, token);
        var guard = new NumericGuard(model.Config.Folder, calibration?.Count, progress.Events);
        using var noGrad = no_grad();
        var first = calibration is null ? finished : keeper?.StatesBlocks ?? 0;
        var how = calibration is null ? null : memory.Plan(calibration);
        using var blocks = new TeamBlocks((index, device) => model.LoadBlock(index, device, _type), team, how?.ReadsAhead ?? true, first, model.Config.NumLayers - first);
        using var saver = new LayerSaver(Save);
        bound.At("calibration states");
        blocks.Begin();
        var (full, quantized) = calibration is null ? (null, null) : start.States(calibration, how!, settings.Qep is not null, guard, progress.Events, token);
        using var states = full;
        using var propagated = quantized is null ? null : new PropagatedPass(states!, quantized, team, guard, how!.Leaves);
        var pass = states is null || propagated is not null ? null : new CalibrationPass(states, team, guard, how!.Leaves);
        var work = new BlockWork(_byBlock, settings, pass, propagated, new TeamQuantizer(team, new StageQuantizer(settings, curvatures, progress)), progress, keeper);
        var faults = new TeamFaults(team, [states, quantized], () => memory.WhatFits(calibration?.Length ?? 0), progress.Events);
        for (var index = first; index < model.Config.NumLayers; index++)
        {
            faults.Run(index, () =>
            {
                progress.Block(index);
                token.ThrowIfCancellationRequested();
                using var copies = blocks.Take(index, token);
                if (index < finished)
                {
                    work.Replay(index, copies, token);
                    return;
                }

                using var results = new BlockResults(saver, waits: team.IsShared);
                work.Quantize(index, copies, results, token);
                results.Commit(_byBlock[index]);
                foreach (var (layer, done) in results.Done)
                {
                    _done.Add(layer, done);
                }
            });

            bound.At(string.Create(CultureInfo.InvariantCulture, $"after block {index + 1}"));
            states?.Commit();
            quantized?.Commit();
            if (index >= finished)
            {
                keeper?.Keep(index, [.. _byBlock[index].Select(planned => _done[planned.Layer.Name])], states, quantized, saver, token);
            }
        }

        saver.Complete();
        return new QuantizationPlan([.. plan.Layers.Select(planned => _done[planned.Layer.Name])], plan.Summary);
    }

    /// <summary>Saves a layer, which is packed on its device.</summary>
    private void Save(QuantizedWeight weight)
    {
        var packing = new MemoryBound(team.Device, $"{weight.Layer.Name} was packed", () => MemoryNeed.Of(team.Device, "It", 4 * weight.Layer.WeightCount), "The blocks that are finished are kept: -Resume goes on from there.");
        packing.Run(() => save(weight));
    }

    private static TokenWindows Load(Func<TokenWindows> windows, RunProgress progress)
    {
        var loaded = windows();
        progress.Windows(loaded);
        return loaded;
    }
}
