using OneComp.Calibration;
using OneComp.Models;
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
/// <param name="model">The source.</param>
/// <param name="plan">What to do.</param>
/// <param name="device">Where to compute.</param>
/// <param name="settings">How.</param>
/// <param name="save">Gets each layer once, in order, on another thread; borrowed.</param>
internal sealed class BlockQuantizer(CausalModel model, QuantizationPlan plan, Device device, BlockSettings settings, Action<QuantizedWeight> save)
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
        var calibration = plan.Layers.Any(NeedsHessian) ? windows() : null;
        using var curvatures = calibration is null ? null : OutputCurvatures.Of(model, plan, calibration, device, progress.Events, token);
        _curvatures = curvatures;
        _guard = new NumericGuard(model.Config.Folder, calibration?.Count, progress.Events);
        using var noGrad = no_grad();
        using var blocks = new BlocksAhead(index => model.LoadBlock(index, device, _type), Enumerable.Range(0, model.Config.NumLayers));
        using var saver = new LayerSaver(save);
        blocks.Begin();
        using var states = calibration is null ? null : Embed(calibration);
        using var propagated = states is not null && settings.Qep is not null ? new PropagatedPass(states, states.Copy(), _guard) : null;
        for (var index = 0; index < model.Config.NumLayers; index++)
        {
            progress.Block(index);
            token.ThrowIfCancellationRequested();
            using var block = blocks.Take();
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
        }

        saver.Complete();
        return new QuantizationPlan([.. plan.Layers.Select(planned => _done[planned.Layer.Name])], plan.Summary);
    }

    private bool NeedsHessian(PlannedLayer planned) => settings.CalcErrors || planned.Quantizer.NeedsHessian;

    private HiddenStates Embed(TokenWindows windows)
    {
        var ids = HiddenStates.Batches(windows, device);
        try
        {
            return HiddenStates.Embed(model, ids, device, _type);
        }
        finally
        {
            foreach (var batch in ids)
            {
                batch.Dispose();
            }
        }
    }

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
            token);

        IEnumerable<PlannedLayer> Of(BlockStage stage) => _byBlock[block.Index].Where(planned => planned.Layer.Stage == stage);
    }

    private void Quantize(PlannedLayer planned, DecoderBlock block, LayerHessian? hessian, InputDrift? drift, LayerSaver saver, RunProgress progress, CancellationToken token)
    {
        progress.Layer(planned, _done.Count, plan.Layers.Count);
        using var scope = NewDisposeScope();
        var weight = block.Weight(planned.Layer).to(ScalarType.Float32);
        var target = drift is not null && settings.Qep!.Corrects(planned.Layer.Name)
            ? drift.Correct(weight, hessian!, settings.Qep.PercDamp, settings.Qep.PercCorr)
            : weight;
        var quantized = planned.Quantizer.Quantize(new LayerProblem(planned.Layer, target, hessian, progress.Events, _curvatures?.Of(planned.Layer)), token);
        _done.Add(planned.Layer.Name, settings.CalcErrors
            ? planned with { Errors = LayerErrors.Of(weight, quantized, hessian!) }
            : planned);
        if (drift is not null)
        {
            block.SetWeight(planned.Layer, quantized.Dequantize());
        }

        quantized.Detach();
        saver.Add(quantized);
    }
}
