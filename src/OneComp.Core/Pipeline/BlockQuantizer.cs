using System.Diagnostics;
using OneComp.Calibration;
using OneComp.Models;
using OneComp.Pipeline.Resuming;
using OneComp.Quantization;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
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
/// <param name="device">Where to compute.</param>
/// <param name="settings">How.</param>
/// <param name="save">Gets each layer once, in order, on another thread; borrowed.</param>
/// <param name="keeper">Keeps what a run needs to go on; null for a run that need not.</param>
internal sealed class BlockQuantizer(CausalModel model, QuantizationPlan plan, Device device, BlockSettings settings, Action<QuantizedWeight> save, RunKeeper? keeper = null)
{
    private readonly ScalarType _type = ComputeType.For(device, model.Config.TorchDType);
    private readonly ILookup<int, PlannedLayer> _byBlock = plan.Layers.ToLookup(layer => layer.Layer.Block);
    private readonly Dictionary<string, PlannedLayer> _done = [];
    private OutputCurvatures? _curvatures; // while Run lasts
    private NumericGuard? _guard;

    /// <summary>Quantizes every layer of the plan.</summary>
    /// <param name="windows">Loads the calibration windows; not called where nothing needs them.</param>
    /// <param name="progress">Told block by block and layer by layer.</param>
    /// <param name="token">Asked before each batch and inside each layer.</param>
    /// <returns>The plan, with errors where they were asked for.</returns>
    public QuantizationPlan Run(Func<TokenWindows> windows, RunProgress progress, CancellationToken token)
    {
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
        using var blocks = new BlocksAhead(index => model.LoadBlock(index, device, _type), Enumerable.Range(first, model.Config.NumLayers - first));
        using var saver = new LayerSaver(save);
        blocks.Begin();
        var (full, quantized) = calibration is null ? (null, null) : States(calibration, token);
        using var states = full;
        using var propagated = quantized is null ? null : new PropagatedPass(states!, quantized, _guard);
        for (var index = first; index < model.Config.NumLayers; index++)
        {
            progress.Block(index);
            token.ThrowIfCancellationRequested();
            using var block = blocks.Take();
            if (index < finished)
            {
                Replay(block, states!, propagated, progress, token);
                continue;
            }

            if (propagated is not null)
            {
                Propagate(block, propagated, saver, progress, token);
            }
            else
            {
                using var hessians = states is null ? new StageHessians() : Calibrate(block, states, token);
                foreach (var planned in _byBlock[index])
                {
                    Quantize(planned, block, hessians.Of(planned.Layer), null, saver, progress, token);
                }
            }

            keeper?.Keep(index, [.. _byBlock[index].Select(planned => _done[planned.Layer.Name])], states, quantized, saver, token);
        }

        saver.Complete();
        return new QuantizationPlan([.. plan.Layers.Select(planned => _done[planned.Layer.Name])], plan.Summary);
    }

    private static TokenWindows Load(Func<TokenWindows> windows, RunProgress progress)
    {
        var loaded = windows();
        progress.Windows(loaded);
        return loaded;
    }

    private OutputCurvatures CurvaturesOf(TokenWindows windows, RunProgress progress, CancellationToken token)
    {
        return keeper is null ? Make() : keeper.Curvatures(device, Make);

        OutputCurvatures Make() => OutputCurvatures.Of(model, plan, windows, device, progress.Events, token);
    }

    /// <summary>The states to begin with, and once more as the quantized model has them where errors are propagated. The caller owns both.</summary>
    private (HiddenStates Full, HiddenStates? Quantized) States(TokenWindows windows, CancellationToken token)
    {
        if (keeper?.StatesBlocks > 0)
        {
            var kept = keeper.States(windows, model.Config.HiddenSize, settings.Qep is not null, device, ComputeType.OfStates(_type), token);
            _guard!.LeftOutBefore(kept.Full);
            return kept;
        }

        var states = HiddenStates.Embed(model, windows, device, _type, token);
        return (states, settings.Qep is null ? null : states.Copy());
    }

    /// <summary>Takes the states through a block that was finished before.</summary>
    private void Replay(DecoderBlock block, HiddenStates states, PropagatedPass? propagated, RunProgress progress, CancellationToken token)
    {
        if (propagated is null)
        {
            BlockWalk.Forward(block, states, token, (_, _) => { }, _guard); // observed, as it was: whole blocks may round otherwise
        }
        else
        {
            propagated.Run(
                block,
                _ => null,
                (stage, _, _) =>
                {
                    foreach (var planned in _byBlock[block.Index].Where(planned => planned.Layer.Stage == stage))
                    {
                        token.ThrowIfCancellationRequested();
                        using var scope = NewDisposeScope();
                        block.SetWeight(planned.Layer, keeper!.Weight(planned.Layer));
                    }
                },
                token,
                progress.Stage);
        }

        progress.Replayed(block.Index);
    }

    private bool NeedsHessian(PlannedLayer planned) => settings.CalcErrors || planned.Quantizer.NeedsHessian;

    /// <summary>Runs the windows through the block: its outputs replace the states, its inputs make the Hessians.</summary>
    private StageHessians Calibrate(DecoderBlock block, HiddenStates states, CancellationToken token)
    {
        var hessians = new StageHessians();
        foreach (var planned in _byBlock[block.Index].Where(NeedsHessian))
        {
            hessians.Prepare(planned.Layer, device, planned.Quantizer.HessianType);
        }

        try
        {
            BlockWalk.Forward(block, states, token, hessians.Add, _guard);
            return hessians;
        }
        catch
        {
            hessians.Dispose(); // cancelled: nobody else holds them
            throw;
        }
    }

    private void Propagate(DecoderBlock block, PropagatedPass pass, LayerSaver saver, RunProgress progress, CancellationToken token)
    {
        pass.Run(
            block,
            stage => Of(stage).FirstOrDefault() is { } first ? new LayerHessian(first.Layer.InFeatures, device, first.Quantizer.HessianType) : null,
            (stage, hessian, drift) =>
            {
                foreach (var planned in Of(stage))
                {
                    Quantize(planned, block, hessian, drift, saver, progress, token);
                }
            },
            token,
            progress.Stage);

        IEnumerable<PlannedLayer> Of(BlockStage stage) => _byBlock[block.Index].Where(planned => planned.Layer.Stage == stage);
    }

    private void Quantize(PlannedLayer planned, DecoderBlock block, LayerHessian? hessian, InputDrift? drift, LayerSaver saver, RunProgress progress, CancellationToken token)
    {
        progress.Layer(planned);
        var clock = Stopwatch.StartNew();
        using var scope = NewDisposeScope();
        var weight = block.Weight(planned.Layer).to(ScalarType.Float32);
        var target = drift is not null && settings.Qep!.Corrects(planned.Layer.Name)
            ? drift.Correct(weight, hessian!, settings.Qep.PercDamp, settings.Qep.PercCorr)
            : weight;
        var quantized = planned.Quantizer.Quantize(new LayerProblem(planned.Layer, target, hessian, progress.Events, _curvatures?.Of(planned.Layer)), token);
        var done = settings.CalcErrors ? planned with { Errors = LayerErrors.Of(weight, quantized, hessian!) } : planned;
        _done.Add(planned.Layer.Name, done);
        if (drift is not null)
        {
            block.SetWeight(planned.Layer, quantized.Dequantize());
        }

        quantized.Detach();
        progress.Quantized(done, clock.Elapsed);
        saver.Add(quantized);
    }
}
