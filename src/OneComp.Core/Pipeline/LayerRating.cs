using OneComp.Calibration;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Grids;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Pipeline;

/// <summary>Rates the candidates of AutoBit for each layer: one pass, whatever the number of budgets.</summary>
internal sealed class LayerRating(CausalModel model, Device device, CalibrationWindows calibration)
{
    /// <summary>The cost of each candidate, for each layer in order.</summary>
    /// <exception cref="CalibrationException">The calibration text cannot be used.</exception>
    public IReadOnlyList<double[]> Of(AutoBitQuantizer autoBit, IReadOnlyList<LinearLayer> layers, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var costs = autoBit.EffectiveCostMetric switch
        {
            CostMetric.Quantized => ByQuantizing(autoBit, layers, progress, token),
            CostMetric.ActivationAware => ByActivations(autoBit, layers, progress, token),
            _ => ByWeights(autoBit, layers, progress, token),
        };
        return [.. layers.Select(layer => costs[layer.Name])];
    }

    private Dictionary<string, double[]> ByQuantizing(AutoBitQuantizer autoBit, IReadOnlyList<LinearLayer> layers, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var windows = calibration.Load(autoBit.NumCalibSamples, autoBit.CalibSeqLen, token);
        using var costs = new QuantizedCosts(autoBit, layers.Select(layer => layer.Name).ToHashSet(), device, progress);
        var type = ComputeType.For(device, model.Config.TorchDType);
        var purpose = PassPurpose.RatingBy(model.Topology, autoBit.Quantizers.Count, (int)type.ElementSize(), (int)SumPanels.TypeOn(device).ElementSize());
        new GradientPass(model, windows, device, type, purpose: purpose).Run(costs, progress, token);
        return costs.Costs;
    }

    private Dictionary<string, double[]> ByActivations(AutoBitQuantizer autoBit, IReadOnlyList<LinearLayer> layers, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var costs = new Dictionary<string, double[]>();
        var windows = calibration.Load(autoBit.NumCalibSamples, autoBit.CalibSeqLen, token);
        var selected = layers.Select(layer => layer.Name).ToHashSet();
        var pass = new SensitivityPass(model, windows, device, ComputeType.For(device, model.Config.TorchDType));
        pass.Run(
            (block, sensitivities) =>
            {
                foreach (var layer in block.Layers.Where(layer => selected.Contains(layer.Name)))
                {
                    var sensitivity = sensitivities[layer.Name];
                    costs[layer.Name] = Costs(autoBit, layer, block.Weight(layer), sensitivity.InputMoments, autoBit.UseCurvatureB ? sensitivity.OutputCurvature : null);
                }
            },
            progress,
            token);
        return costs;
    }

    private Dictionary<string, double[]> ByWeights(AutoBitQuantizer autoBit, IReadOnlyList<LinearLayer> layers, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var costs = new Dictionary<string, double[]>();
        foreach (var layer in layers)
        {
            token.ThrowIfCancellationRequested();
            var bound = new MemoryBound(device, $"{layer.Name} was rated", () => MemoryNeed.Of(device, "It", 16 * layer.WeightCount), "Another -Device, or the CPU, may have room.");
            bound.Run(() =>
            {
                progress?.Report(new ProgressEvent(1, "Rating layers", layer.Name, costs.Count, layers.Count));
                using var weight = model.LoadWeight(layer, device, ScalarType.Float32);
                costs[layer.Name] = Costs(autoBit, layer, weight, null, null);
            });
        }

        progress?.Report(new ProgressEvent(1, "Rating layers", "done", layers.Count, layers.Count));
        return costs;
    }

    private double[] Costs(AutoBitQuantizer autoBit, LinearLayer layer, Tensor weight, Tensor? moments, Tensor? curvature)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var w = weight.to(device).to(ScalarType.Float32);
        return [.. autoBit.Quantizers.Select(candidate => RtnError.Of(w, (GroupScheme)candidate.SchemeFor(layer), moments, curvature))];
    }
}
