using OneComp.Calibration;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Pipeline;

/// <summary>
/// Quantizes a plan block by block. One forward of the calibration windows through a block gives the Hessian of each stage's
/// input; then its layers are quantized and handed on. Holds one block, its Hessians and the windows' states.
/// </summary>
/// <param name="model">The source.</param>
/// <param name="plan">What to do.</param>
/// <param name="device">Where to compute.</param>
/// <param name="calcErrors">True to measure weight and output errors of every layer.</param>
/// <param name="save">Gets each layer once; borrowed.</param>
internal sealed class BlockQuantizer(CausalModel model, QuantizationPlan plan, Device device, bool calcErrors, Action<QuantizedWeight> save)
{
    private readonly ScalarType _type = ComputeType.For(device, model.Config.TorchDType);
    private readonly ILookup<int, PlannedLayer> _byBlock = plan.Layers.ToLookup(layer => layer.Layer.Block);

    /// <summary>Quantizes every layer of the plan.</summary>
    /// <param name="windows">Loads the calibration windows; not called where nothing needs them.</param>
    /// <param name="progress">Told block by block and layer by layer.</param>
    /// <param name="token">Asked before each batch and inside each layer.</param>
    /// <returns>The plan, with errors where they were asked for.</returns>
    public QuantizationPlan Run(Func<TokenWindows> windows, RunProgress progress, CancellationToken token)
    {
        using var noGrad = no_grad();
        using var states = plan.Layers.Any(NeedsHessian) ? Embed(windows()) : null;
        var done = new List<PlannedLayer>();
        for (var index = 0; index < model.Config.NumLayers; index++)
        {
            progress.Block(index);
            token.ThrowIfCancellationRequested();
            using var block = model.LoadBlock(index, device, _type);
            using var hessians = states is null ? new StageHessians() : Calibrate(block, states, token);
            foreach (var planned in _byBlock[index])
            {
                progress.Layer(planned, done.Count, plan.Layers.Count);
                done.Add(Quantize(planned, block, hessians.Of(planned.Layer), progress.Events, token));
            }
        }

        return new QuantizationPlan(done, plan.Summary);
    }

    private bool NeedsHessian(PlannedLayer planned) => calcErrors || planned.Quantizer.NeedsHessian;

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
            BlockWalk.Forward(block, states, token, (layer, input, _) => hessians.Add(layer, input));
            return hessians;
        }
        catch
        {
            hessians.Dispose(); // cancelled: nobody else holds them
            throw;
        }
    }

    private PlannedLayer Quantize(PlannedLayer planned, DecoderBlock block, LayerHessian? hessian, IProgress<RunEvent>? events, CancellationToken token)
    {
        using var scope = NewDisposeScope();
        var weight = block.Weight(planned.Layer).to(ScalarType.Float32);
        using var quantized = planned.Quantizer.Quantize(new LayerProblem(planned.Layer, weight, hessian, events), token);
        save(quantized);
        return calcErrors
            ? planned with { Errors = LayerErrors.Of(weight, quantized, hessian!) }
            : planned;
    }
}
