using OneComp.Calibration;
using OneComp.Models;
using OneComp.Pipeline.Resuming;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using static TorchSharp.torch;

namespace OneComp.Pipeline;

/// <summary>Decides which quantizer each layer gets.</summary>
/// <param name="config">The model.</param>
/// <param name="topology">Its layers.</param>
/// <param name="options">What to plan for.</param>
/// <param name="rate">Rates AutoBit's candidates for each layer.</param>
internal sealed class Planner(ModelConfig config, ModelTopology topology, PlanOptions options, Planner.Rating rate)
{
    private readonly Quantizer _quantizer = options.Quantizer;

    /// <summary>A planner that rates candidates by the model's weights.</summary>
    public Planner(CausalModel model, PlanOptions options, Device device, CalibrationWindows calibration)
        : this(model.Config, model.Topology, options, new LayerRating(model, device, calibration).Of)
    {
    }

    /// <summary>The cost of each candidate, for each layer in order.</summary>
    public delegate IReadOnlyList<double[]> Rating(AutoBitQuantizer autoBit, IReadOnlyList<LinearLayer> layers, IProgress<RunEvent>? progress, CancellationToken token);

    /// <summary>Makes the plan; only AutoBit reads weights, and only activation_aware reads text.</summary>
    /// <exception cref="AssignmentException">No layer is selected, no assignment fits the budget, or given rows are not possible.</exception>
    /// <exception cref="CalibrationException">The calibration text cannot be used.</exception>
    public QuantizationPlan Make(IProgress<RunEvent>? progress, CancellationToken token) => Make([], progress, token)[0];

    /// <summary>Makes a plan for each budget from one rating of the layers.</summary>
    /// <param name="targets">Raw target bits; empty for the quantizer's own budget.</param>
    /// <param name="progress">Told of layers and, once solved, of each plan.</param>
    /// <param name="token">Stops rating and solving.</param>
    /// <exception cref="AssignmentException">As <see cref="Make(IProgress{RunEvent}?, CancellationToken)"/>; BudgetNotUsed.</exception>
    public IReadOnlyList<QuantizationPlan> Make(IReadOnlyList<double> targets, IProgress<RunEvent>? progress, CancellationToken token)
    {
        _quantizer.Validate();
        PlanHeatmap.Check(_quantizer);
        var plans = MakeAll(targets, progress, token);
        PlanHeatmap.Write(_quantizer, plans);
        return plans;
    }

    /// <summary>The plan, without the picture that a quantizer asks for.</summary>
    /// <exception cref="AssignmentException">As <see cref="Make(IProgress{RunEvent}?, CancellationToken)"/>.</exception>
    public QuantizationPlan Preview(CancellationToken token)
    {
        _quantizer.Validate();
        PlanHeatmap.Check(_quantizer);
        return MakeAll([], null, token)[0];
    }

    /// <summary>The plan that an earlier part of the run made, without rating or solving.</summary>
    /// <exception cref="RunException">StateInvalid: it is none for this model and quantizer.</exception>
    public QuantizationPlan Restore(StoredPlan stored)
    {
        if (_quantizer is not AutoBitQuantizer autoBit)
        {
            throw Invalid($"it holds a plan of AutoBit, but the quantizer is {_quantizer.Name}");
        }

        var layers = Selected();
        var dbf = new AutoDbf(autoBit, options.Seed);
        if (!stored.Layers.Select(choice => choice.Layer).SequenceEqual(layers.Select(layer => layer.Name)))
        {
            throw Invalid($"its plan names other layers than the {layers.Count} that {autoBit.Name} selects");
        }

        var planned = layers.Select((layer, l) => Restore(layer, stored.Layers[l], autoBit.Quantizers, dbf)).ToList();
        var plan = Summarise(planned, autoBit);
        return new QuantizationPlan(planned, plan.Summary with
        {
            Solver = stored.Solver,
            ProvenGap = stored.ProvenGap,
            SolveTime = stored.SolveSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        });
    }

    private static PlannedLayer Restore(LinearLayer layer, StoredChoice choice, IReadOnlyList<WeightQuantizer> candidates, AutoDbf dbf)
    {
        if (choice.Candidate is { } index ? index < 0 || index >= candidates.Count : choice.DbfBits is null)
        {
            throw Invalid($"its plan gives {layer.Name} none of the {candidates.Count} candidates");
        }

        if (choice.Costs is { } costs && costs.Count != candidates.Count)
        {
            throw Invalid($"its plan has {costs.Count} costs for the {candidates.Count} candidates of {layer.Name}");
        }

        WeightQuantizer quantizer = choice.Candidate is { } candidate ? candidates[candidate] : dbf.Of(choice.DbfBits!.Value);
        quantizer.Validate();
        return new PlannedLayer(layer, quantizer, choice.Cost ?? double.NaN)
        {
            Costs = choice.Costs is { } values ? CandidateCosts.Of(candidates, values) : null,
        };
    }

    private static RunException Invalid(string what) => RunState.Invalid(what);

    private List<QuantizationPlan> MakeAll(IReadOnlyList<double> targets, IProgress<RunEvent>? progress, CancellationToken token)
    {
        var solves = options.Assignment is null && _quantizer is AutoBitQuantizer { AssignmentStrategy: not AssignmentStrategy.Manual };
        if (targets.Count > 0 && !solves)
        {
            throw new AssignmentException(AssignmentError.BudgetNotUsed, "TargetBit", $"{_quantizer.Name} plans without a budget: -TargetBit needs an AutoBit quantizer with the strategy ilp or activation_aware.");
        }

        if (options.Assignment is { } rows)
        {
            return [Summarise(new GivenAssignment(config, topology, _quantizer).Plan(rows), _quantizer as AutoBitQuantizer)];
        }

        var layers = Selected();
        switch (_quantizer)
        {
            case AutoBitQuantizer { AssignmentStrategy: AssignmentStrategy.Manual } manual:
                return [Summarise(Manual(manual, layers), manual)];
            case AutoBitQuantizer autoBit:
                var quantizers = targets.Count == 0 ? [autoBit] : targets.Select(target => autoBit with { TargetBit = target }).ToList();
                return new BudgetPlanner(layers, options.Seed, () => rate(autoBit, layers, progress, token))
                    .Make(quantizers, progress, token)
                    .Select((plan, i) => Summarise(plan.Layers, quantizers[i], plan.Solution))
                    .ToList();
            default:
                var single = (WeightQuantizer)_quantizer;
                return [Summarise([.. layers.Select(layer => new PlannedLayer(layer, single))], null)];
        }
    }

    private static IReadOnlyList<PlannedLayer> Manual(AutoBitQuantizer manual, IReadOnlyList<LinearLayer> layers)
    {
        var planned = ManualAssignment.Of(manual, layers);
        var splits = manual.EnableFusedGroups ? FusedSplits.Of(manual, layers, planned).ToList() : [];
        return splits.Count == 0 ? planned : throw new AssignmentException(
            AssignmentError.FusedGroupSplit,
            manual.Name,
            $"The candidates' selection rules split layers that servers run as one: {string.Join("; ", splits)}. Give them one candidate, or set {nameof(manual.EnableFusedGroups)} to false.");
    }

    private IReadOnlyList<LinearLayer> Selected()
    {
        var layers = _quantizer.Selection.Select(topology.Layers);
        if (layers.FirstOrDefault(layer => layer.Block < 0) is { } outside)
        {
            throw new AssignmentException(AssignmentError.LayerOutsideBlocks, outside.Name, $"{outside.Name} lies outside the decoder blocks and stays as it is: gptq checkpoints keep it in half precision. Add it to -ExcludeLayerName.");
        }

        return layers.Count > 0 ? layers : throw NoLayer();
    }

    private AssignmentException NoLayer() =>
        new(AssignmentError.NoLayer, config.Folder, $"No linear layer of {config.Folder} is selected by the quantizer {_quantizer.Name}. Its layers are named like {topology.Layers[0].Name}: check the include and exclude rules.");

    private QuantizationPlan Summarise(IReadOnlyList<PlannedLayer> layers, AutoBitQuantizer? autoBit, AssignmentSolution? solution = null)
    {
        if (layers.Count == 0)
        {
            throw NoLayer();
        }

        var target = autoBit is null ? null : EffectiveTarget.Of(autoBit, [.. layers.Select(layer => layer.Layer)]);
        var used = layers.Sum(layer => StoredBits.Of(layer.Layer, layer.Scheme));
        return new QuantizationPlan(layers, new AssignmentSummary
        {
            Model = config.Folder,
            Strategy = options.Assignment is not null ? "given" : autoBit is null ? _quantizer.Name : StrategyNames.Of(autoBit.AssignmentStrategy),
            TargetBit = autoBit?.TargetBit,
            EffectiveTargetBit = target,
            EffectiveBits = QuantizationPlan.EffectiveBitsOf(layers),
            TotalError = layers.Sum(layer => layer.Cost),
            BitsUsed = used,
            BitsLeft = target is null ? null : AssignmentProblem.WholeBits(target.Value, layers.Sum(layer => layer.Parameters)) - used,
            Solver = solution?.Solver,
            ProvenGap = solution?.Gap,
            SolveTime = solution?.Elapsed,
            Candidates = CandidateTotal.Of(autoBit?.Quantizers ?? [], layers),
            Settings = PlanSettings.Of(options with { Quantizer = autoBit ?? _quantizer }),
        });
    }
}
