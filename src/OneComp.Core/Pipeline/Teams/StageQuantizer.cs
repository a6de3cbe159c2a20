using System.Diagnostics;
using OneComp.Quantization;
using OneComp.Quantization.Hessians;
using OneComp.Runtime.Teams;
using static TorchSharp.torch;

namespace OneComp.Pipeline.Teams;

/// <summary>Quantizes layers that read the same input, one after the other on one device. For use from several threads, a device each.</summary>
/// <param name="settings">How.</param>
/// <param name="curvatures">Of the layers' outputs; null where there are none. Borrowed.</param>
/// <param name="progress">Told layer by layer.</param>
internal sealed class StageQuantizer(BlockSettings settings, OutputCurvatures? curvatures, RunProgress progress)
{
    /// <summary>Quantizes layers; with error propagation the new weights go into every copy of the block. What it leaves belongs to the caller's scope.</summary>
    /// <param name="layers">Layers of one stage.</param>
    /// <param name="worker">The device.</param>
    /// <param name="copies">The block.</param>
    /// <param name="sum">The stage's Hessian, and its drift, which is freed; null where nothing needs them. Borrowed.</param>
    /// <param name="results">Takes the quantized layers.</param>
    /// <param name="token">Asked before and inside each layer.</param>
    public void Quantize(IReadOnlyList<PlannedLayer> layers, DeviceWorker worker, BlockCopies copies, StageSum? sum, BlockResults results, CancellationToken token)
    {
        var targets = Targets(layers, worker, copies, sum);
        foreach (var planned in layers)
        {
            Quantize(planned, targets.GetValueOrDefault(planned.Layer.Name), worker, copies, sum, results, token);
        }
    }

    /// <summary>Weights of a stage, corrected for the drift of its input, which is freed; none where there is nothing to correct.</summary>
    private Dictionary<string, Tensor> Targets(IReadOnlyList<PlannedLayer> layers, DeviceWorker worker, BlockCopies copies, StageSum? sum)
    {
        var targets = new Dictionary<string, Tensor>();
        if (sum?.Drift is not { } drift)
        {
            return targets;
        }

        // Of the whole stage, not of this device's share of it: the way it is counted is not to depend on the number of devices.
        var outputs = copies.Of(worker).LayersOf(layers[0].Layer.Stage!.Value).Where(layer => settings.Qep!.Corrects(layer.Name)).Sum(layer => (long)layer.OutFeatures);
        foreach (var planned in layers.Where(planned => settings.Qep!.Corrects(planned.Layer.Name)))
        {
            using var weight = copies.Of(worker).Weight(planned.Layer).to(ScalarType.Float32, copy: true);
            targets.Add(planned.Layer.Name, drift.Correct(weight, sum.Hessian, settings.Qep!.PercDamp, settings.Qep.PercCorr, outputs));
        }

        drift.Dispose();
        return targets;
    }

    private void Quantize(PlannedLayer planned, Tensor? target, DeviceWorker worker, BlockCopies copies, StageSum? sum, BlockResults results, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        progress.Layer(planned);
        var clock = Stopwatch.StartNew();
        using var scope = NewDisposeScope();
        var stored = copies.Of(worker).Weight(planned.Layer);
        var problem = new LayerProblem(planned.Layer, target ?? stored.to(ScalarType.Float32), sum?.Hessian, progress.Events, curvatures?.Of(planned.Layer)?.to(worker.Device));
        var quantized = planned.Quantizer.Quantize(problem, token);
        var done = settings.CalcErrors ? planned with { Errors = LayerErrors.Of(stored.to(ScalarType.Float32), quantized, sum!.Hessian) } : planned;
        if (sum?.Drift is not null)
        {
            copies.SetWeight(planned.Layer, quantized.Dequantize());
        }

        quantized.Detach();
        target?.Dispose();
        progress.Quantized(done, clock.Elapsed);
        results.Add(done, quantized);
    }
}
