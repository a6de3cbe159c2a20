using System.Globalization;
using OneComp.Calibration;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Grids;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Pipeline;

/// <summary>Decides which quantizer each layer gets.</summary>
internal sealed class Planner(CausalModel model, PlanOptions options, Device device, CalibrationWindows calibration)
{
    private readonly Quantizer _quantizer = options.Quantizer;

    /// <summary>Makes the plan; only AutoBit reads weights, and only activation_aware reads text.</summary>
    /// <exception cref="AssignmentException">No layer is selected, or no assignment fits the budget.</exception>
    /// <exception cref="CalibrationException">The calibration text cannot be used.</exception>
    public QuantizationPlan Make(IProgress<RunEvent>? progress, CancellationToken token)
    {
        _quantizer.Validate();
        var layers = Selected();
        switch (_quantizer)
        {
            case AutoBitQuantizer { AssignmentStrategy: AssignmentStrategy.Manual } manual:
                return Summarise(ManualAssignment.Of(manual, layers), manual.TargetBit, null);
            case AutoBitQuantizer autoBit:
                return Solve(autoBit, layers, progress, token);
            default:
                var single = (WeightQuantizer)_quantizer;
                return Summarise([.. layers.Select(layer => new PlannedLayer(layer, single))], null, null);
        }
    }

    private QuantizationPlan Solve(AutoBitQuantizer autoBit, IReadOnlyList<LinearLayer> layers, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var target = EffectiveTarget.Of(autoBit.TargetBit!.Value, layers, autoBit.Quantizers);
        var unrated = new AssignmentProblem(
            [.. layers.Select(layer => layer.Name)],
            [.. layers.Select(layer => (long)layer.InFeatures * layer.OutFeatures)],
            [.. layers.Select(layer => autoBit.Quantizers.Select(candidate => candidate.SchemeFor(layer).EffectiveBits(layer)).ToArray())],
            Costs: [],
            autoBit.EnableFusedGroups ? FusedGroupMap.Of(layers, autoBit.FusedGroups) : [],
            target);
        if (AssignmentSolver.LeastBits(unrated) is var least && least > target)
        {
            throw BudgetTooSmall(autoBit, layers, least); // before rating, which takes long
        }

        var costs = Rate(autoBit, layers, progress, token);
        var problem = unrated with { Costs = [.. layers.Select(layer => costs[layer.Name])] };
        var choice = AssignmentSolver.Solve(problem);
        return Summarise(
            [.. layers.Select((layer, l) => new PlannedLayer(layer, autoBit.Quantizers[choice[l]], problem.Costs[l][choice[l]]))],
            autoBit.TargetBit,
            target);
    }

    /// <summary>The cost of each candidate, by layer name.</summary>
    private Dictionary<string, double[]> Rate(AutoBitQuantizer autoBit, IReadOnlyList<LinearLayer> layers, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var costs = new Dictionary<string, double[]>();
        if (autoBit.NeedsCalibration)
        {
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

        foreach (var layer in layers)
        {
            token.ThrowIfCancellationRequested();
            progress?.Report(new ProgressEvent(1, "Rating layers", layer.Name, costs.Count, layers.Count));
            using var weight = model.LoadWeight(layer, device, ScalarType.Float32);
            costs[layer.Name] = Costs(autoBit, layer, weight, null, null);
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

    private IReadOnlyList<LinearLayer> Selected()
    {
        var layers = _quantizer.Selection.Select(model.Topology.Layers);
        if (layers.FirstOrDefault(layer => layer.Block < 0) is { } outside)
        {
            throw new AssignmentException(AssignmentError.LayerOutsideBlocks, outside.Name, $"{outside.Name} lies outside the decoder blocks and stays as it is: gptq checkpoints keep it in half precision. Add it to -ExcludeLayerName.");
        }

        return layers.Count > 0 ? layers : throw NoLayer();
    }

    private static AssignmentException BudgetTooSmall(AutoBitQuantizer autoBit, IReadOnlyList<LinearLayer> layers, double leastBits)
    {
        // The effective target is a straight line over TargetBit. Rounded up, so that the value that the message gives is enough.
        var atZero = EffectiveTarget.Of(0, layers, autoBit.Quantizers);
        var smallest = (leastBits - atZero) / (EffectiveTarget.Of(1, layers, autoBit.Quantizers) - atZero);
        smallest = Math.Ceiling((smallest * 1e4) - 1e-6) / 1e4;
        return new AssignmentException(
            AssignmentError.BudgetTooSmall,
            nameof(autoBit.TargetBit),
            string.Create(CultureInfo.InvariantCulture, $"TargetBit is {autoBit.TargetBit:0.####}; the smallest that these candidates reach is {smallest:0.####} ({leastBits:0.####} bits per weight with scales and zero points). Raise -TargetBit, or add a candidate with fewer bits or larger groups."));
    }

    private AssignmentException NoLayer() =>
        new(AssignmentError.NoLayer, model.Config.Folder, $"No linear layer of {model.Config.Folder} is selected by the quantizer {_quantizer.Name}. Its layers are named like {model.Topology.Layers[0].Name}: check the include and exclude rules.");

    private QuantizationPlan Summarise(IReadOnlyList<PlannedLayer> layers, double? target, double? effectiveTarget)
    {
        if (layers.Count == 0)
        {
            throw NoLayer();
        }

        return new QuantizationPlan(layers, new AssignmentSummary
        {
            Model = model.Config.Folder,
            Strategy = _quantizer is AutoBitQuantizer autoBit ? StrategyNames.Of(autoBit.AssignmentStrategy) : _quantizer.Name,
            TargetBit = target,
            EffectiveTargetBit = effectiveTarget,
            EffectiveBits = QuantizationPlan.EffectiveBitsOf(layers),
            TotalError = layers.Sum(layer => layer.Cost),
            Settings = PlanSettings.Of(options),
        });
    }
}
