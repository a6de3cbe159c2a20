using System.Diagnostics;
using System.Globalization;
using OneComp.Calibration;
using OneComp.Models;
using OneComp.Pipeline.Memory;
using OneComp.Pipeline.Resuming;
using OneComp.Pipeline.Teams;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using OneComp.Runtime.Teams;
using TorchSharp;
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
    private readonly Lock _gate = new(); // of what is told of progress
    private OutputCurvatures? _curvatures; // while Run lasts
    private NumericGuard? _guard;

    /// <summary>Quantizes every layer of the plan.</summary>
    /// <param name="windows">Loads the calibration windows; not called where nothing needs them.</param>
    /// <param name="progress">Told block by block and layer by layer.</param>
    /// <param name="token">Asked before each batch and inside each layer.</param>
    /// <returns>The plan, with errors where they were asked for.</returns>
    /// <exception cref="DeviceException">Failed: a device failed, and no other could go on with its work. OutOfMemory: there is no room for a window, a layer or a block alone.</exception>
    public QuantizationPlan Run(Func<TokenWindows> windows, RunProgress progress, CancellationToken token)
    {
        var length = 0;
        var bound = new MemoryBound(team.Device, "layers were quantized", () => WhatFits(length), "The blocks that are finished are kept: -Resume goes on from there, with other devices or -MaxGpuMemoryGB.");
        return bound.Run(() => Run(
            () =>
            {
                var loaded = windows();
                length = loaded.Length;
                return loaded;
            },
            bound,
            progress,
            token));
    }

    private QuantizationPlan Run(Func<TokenWindows> windows, MemoryBound bound, RunProgress progress, CancellationToken token)
    {
        bound.At("calibration windows");
        var finished = keeper?.Finished ?? 0;
        foreach (var planned in plan.Layers.Where(planned => planned.Layer.Block < finished))
        {
            _done.Add(planned.Layer.Name, keeper!.Done(planned, settings.CalcErrors));
        }

        var calibration = finished < model.Config.NumLayers && plan.Layers.Any(NeedsHessian) ? Load(windows, progress) : null;
        using var curvatures = calibration is null ? null : CurvaturesOf(calibration, progress, token);
        _curvatures = curvatures;
        _guard = new NumericGuard(model.Config.Folder, calibration?.Count, progress.Events);
        using var noGrad = no_grad();
        var first = calibration is null ? finished : keeper?.StatesBlocks ?? 0;
        var how = calibration is null ? null : Plan(calibration);
        using var blocks = new TeamBlocks((index, device) => model.LoadBlock(index, device, _type), team, how?.ReadsAhead ?? true, first, model.Config.NumLayers - first);
        using var saver = new LayerSaver(Save);
        bound.At("calibration states");
        blocks.Begin();
        var (full, quantized) = calibration is null ? (null, null) : States(calibration, how!, progress.Events, token);
        using var states = full;
        using var propagated = quantized is null ? null : new PropagatedPass(states!, quantized, team, _guard);
        var faults = new TeamFaults(team, [states, quantized], () => WhatFits(calibration?.Length ?? 0), progress.Events);
        for (var index = first; index < model.Config.NumLayers; index++)
        {
            faults.Run(index, () =>
            {
                progress.Block(index);
                token.ThrowIfCancellationRequested();
                using var copies = blocks.Take(index, token);
                if (index < finished)
                {
                    Replay(index, copies, states!, propagated, progress, token);
                    return;
                }

                using var results = new BlockResults(saver, waits: team.IsShared);
                Block(index, copies, states, propagated, results, progress, token);
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

    private void Block(int index, BlockCopies copies, HiddenStates? states, PropagatedPass? propagated, BlockResults results, RunProgress progress, CancellationToken token)
    {
        if (propagated is not null)
        {
            propagated.Run(
                copies,
                (stage, device) => Of(stage).FirstOrDefault() is { } first ? new LayerHessian(first.Layer.InFeatures, device, first.Quantizer.HessianType) : null,
                (stage, sums) => Quantize([.. Of(stage)], copies, sums, results, progress, token),
                token,
                Told(progress));
            return;
        }

        using var sums = new TeamSums();
        if (states is not null)
        {
            Calibrate(index, copies, states, sums, token);
        }

        Quantize([.. _byBlock[index]], copies, sums, results, progress, token);

        IEnumerable<PlannedLayer> Of(BlockStage stage) => _byBlock[index].Where(planned => planned.Layer.Stage == stage);
    }

    private static TokenWindows Load(Func<TokenWindows> windows, RunProgress progress)
    {
        var loaded = windows();
        progress.Windows(loaded);
        return loaded;
    }

    private OutputCurvatures CurvaturesOf(TokenWindows windows, RunProgress progress, CancellationToken token)
    {
        return keeper is null ? Make() : keeper.Curvatures(team.Device, Make);

        OutputCurvatures Make() => OutputCurvatures.Of(model, plan, windows, team.Device, progress.Events, token);
    }

    /// <summary>The states to begin with, and once more as the quantized model has them where errors are propagated. The caller owns both.</summary>
    private (HiddenStates Full, HiddenStates? Quantized) States(TokenWindows windows, DevicePlan how, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var placement = new StatesPlacement([.. team.Workers.Select(worker => worker.Device)])
        {
            TokensPerBatch = how.BatchTokens,
            KeepsStates = how.KeepsStates,
            Progress = progress,
        };
        if (keeper?.StatesBlocks > 0)
        {
            var kept = keeper.States(windows, model.Config.HiddenSize, settings.Qep is not null, placement, ComputeType.OfStates(_type), token);
            _guard!.LeftOutBefore(kept.Full);
            foreach (var states in new[] { kept.Full, kept.Quantized }.OfType<HiddenStates>())
            {
                states.KeepsInputs = team.IsShared;
            }

            return kept;
        }

        var embedded = HiddenStates.Embed(model, windows, placement, _type, token);
        embedded.KeepsInputs = team.IsShared;
        return (embedded, settings.Qep is null ? null : embedded.Copy());
    }

    /// <summary>Takes the states through a block that was finished before.</summary>
    private void Replay(int index, BlockCopies copies, HiddenStates states, PropagatedPass? propagated, RunProgress progress, CancellationToken token)
    {
        if (propagated is null)
        {
            Walk(copies, states, _ => (_, _) => { }, token); // observed, as it was: whole blocks may round otherwise
        }
        else
        {
            propagated.Run(
                copies,
                (_, _) => null,
                (stage, _) =>
                {
                    foreach (var planned in _byBlock[index].Where(planned => planned.Layer.Stage == stage))
                    {
                        token.ThrowIfCancellationRequested();
                        using var scope = NewDisposeScope();
                        copies.SetWeight(planned.Layer, keeper!.Weight(planned.Layer));
                    }
                },
                token,
                Told(progress));
        }

        progress.Replayed(index);
    }

    /// <summary>Batches that fit the memory.</summary>
    /// <exception cref="DeviceException">OutOfMemory: the limit that was given is too small.</exception>
    private DevicePlan Plan(TokenWindows windows)
    {
        var batch = StatesPlacement.TokensFor(team.Device);
        if (team.Device.type == DeviceType.CPU)
        {
            return new DevicePlan(batch, ReadsAhead: true, KeepsStates: false, 0, Fits: true); // main memory is not divided: all of it is there for all
        }

        var memory = MemoryOf();
        var limit = GpuMemoryLimit.Bytes;
        var available = team.Workers.Min(worker => ComputeDevices.Find(worker.Device) is { } gpu ? Math.Min(limit ?? gpu.UsableMemoryBytes, gpu.TotalMemoryBytes) : long.MaxValue);
        var how = DevicePlan.For(memory, (windows.Ids.Length + team.Workers.Count - 1) / team.Workers.Count, windows.Length, batch, available);
        if (limit is { } given)
        {
            how.Require(team.Name, memory, windows.Length, given);
        }

        return how;
    }

    private string WhatFits(int length) => DevicePlan.WhatFits(MemoryOf(), length, ComputeDevices.Find(team.Device) is { } device ? GpuMemoryLimit.Within(device.TotalMemoryBytes) : 0, team.Device.type == DeviceType.CUDA);

    private DeviceMemory MemoryOf() => DeviceMemory.Of(
        model.Config, model.Topology, plan.Layers, (int)_type.ElementSize(), (int)SumPanels.TypeOn(team.Device).ElementSize(), settings.Qep is not null, calibrates: true, team.IsShared);

    private bool NeedsHessian(PlannedLayer planned) => settings.CalcErrors || planned.Quantizer.NeedsHessian;

    /// <summary>Runs the windows through the block: its outputs replace the states, its inputs make the Hessians.</summary>
    private void Calibrate(int index, BlockCopies copies, HiddenStates states, TeamSums sums, CancellationToken token)
    {
        var wanted = _byBlock[index].Where(NeedsHessian).DistinctBy(planned => planned.Layer.Stage).ToList(); // the first of a stage is the one that is listened to
        var heard = wanted.Select(planned => planned.Layer.Name).ToHashSet();
        foreach (var worker in team.Workers)
        {
            foreach (var planned in wanted.Where(planned => planned.Layer.Stage is not null))
            {
                sums.Add(worker, planned.Layer.Stage!.Value, new StageSum(new LayerHessian(planned.Layer.InFeatures, worker.Device, planned.Quantizer.HessianType), null));
            }
        }

        Walk(
            copies,
            states,
            worker => (layer, input) =>
            {
                if (heard.Contains(layer.Name))
                {
                    sums.Of(worker, layer.Stage)?.Hessian.Add(input);
                }
            },
            token);
    }

    /// <summary>Each device takes its windows through its copy of the block.</summary>
    private void Walk(BlockCopies copies, HiddenStates states, Func<DeviceWorker, Action<LinearLayer, Tensor>> observe, CancellationToken token)
    {
        team.Each((worker, stop) => BlockWalk.Forward(copies.Of(worker), states, stop, observe(worker), _guard, states.BatchesOf(worker.Index)), token);
        HostMemory.ReleaseFreed();
    }

    /// <summary>Quantizes layers, each on one device, once the sums over all windows are there.</summary>
    private void Quantize(IReadOnlyList<PlannedLayer> layers, BlockCopies copies, TeamSums sums, BlockResults results, RunProgress progress, CancellationToken token)
    {
        var shares = LayerShares.Of(layers, team.Workers.Count)
            .Select((share, i) => (Worker: team.Workers[i], Layers: share))
            .Where(share => share.Layers.Count > 0)
            .ToList();
        if (shares.Count == 0)
        {
            return;
        }

        var users = layers
            .Select(planned => planned.Layer.Stage)
            .OfType<BlockStage>()
            .Distinct()
            .ToDictionary(stage => stage, stage => (IReadOnlyList<DeviceWorker>)[.. shares.Where(share => share.Layers.Any(planned => planned.Layer.Stage == stage)).Select(share => share.Worker)]);
        sums.Gather(team, users, token);
        team.Each(
            (worker, stop) =>
            {
                foreach (var stage in shares.Where(share => share.Worker == worker).SelectMany(share => share.Layers).GroupBy(planned => planned.Layer.Stage))
                {
                    GpuPool.EmptyUnderLimit(worker.Device); // batches leave pieces of other sizes than matrices want
                    using var scope = NewDisposeScope();
                    var sum = sums.Of(worker, stage.Key);
                    var targets = Targets([.. stage], worker, copies, sum);
                    foreach (var planned in stage)
                    {
                        Quantize(planned, targets.GetValueOrDefault(planned.Layer.Name), worker, copies, sum, results, progress, stop);
                    }

                    sums.Release(worker, stage.Key);
                    GpuPool.EmptyUnderLimit(worker.Device);
                }
            },
            token);
    }

    /// <summary>Weights of a stage, corrected for the drift of its input, which is freed; none where there is nothing to correct.</summary>
    private Dictionary<string, Tensor> Targets(IReadOnlyList<PlannedLayer> layers, DeviceWorker worker, BlockCopies copies, StageSum? sum)
    {
        var targets = new Dictionary<string, Tensor>();
        if (sum?.Drift is not { } drift)
        {
            return targets;
        }

        foreach (var planned in layers.Where(planned => settings.Qep!.Corrects(planned.Layer.Name)))
        {
            using var weight = copies.Of(worker).Weight(planned.Layer).to(ScalarType.Float32, copy: true);
            targets.Add(planned.Layer.Name, drift.Correct(weight, sum.Hessian, settings.Qep!.PercDamp, settings.Qep.PercCorr));
        }

        drift.Dispose();
        return targets;
    }

    private void Quantize(PlannedLayer planned, Tensor? target, DeviceWorker worker, BlockCopies copies, StageSum? sum, BlockResults results, RunProgress progress, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        lock (_gate)
        {
            progress.Layer(planned);
        }

        var clock = Stopwatch.StartNew();
        using var scope = NewDisposeScope();
        var stored = copies.Of(worker).Weight(planned.Layer);
        var problem = new LayerProblem(planned.Layer, target ?? stored.to(ScalarType.Float32), sum?.Hessian, progress.Events, _curvatures?.Of(planned.Layer)?.to(worker.Device));
        var quantized = planned.Quantizer.Quantize(problem, token);
        var done = settings.CalcErrors ? planned with { Errors = LayerErrors.Of(stored.to(ScalarType.Float32), quantized, sum!.Hessian) } : planned;
        if (sum?.Drift is not null)
        {
            copies.SetWeight(planned.Layer, quantized.Dequantize());
        }

        quantized.Detach();
        target?.Dispose();
        lock (_gate)
        {
            progress.Quantized(done, clock.Elapsed);
        }

        results.Add(done, quantized);
    }

    private Action<BlockStage, int, int> Told(RunProgress progress) => (stage, done, total) =>
    {
        lock (_gate)
        {
            progress.Stage(stage, done, total);
        }
    };
}
