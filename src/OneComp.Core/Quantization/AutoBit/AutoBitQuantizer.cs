using System.Globalization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Rtn;

namespace OneComp.Quantization.AutoBit;

/// <summary>
/// Gives every layer one of several quantizers so that the whole costs least within a budget of bits.
/// </summary>
public sealed record AutoBitQuantizer : Quantizer
{
    private const double RatioTolerance = 1e-6;
    private static readonly int[] FusableBits = [2, 3, 4, 8];

    /// <summary>The candidates. GPTQ at 2, 3, 4 and 8 bits where none are given.</summary>
    public IReadOnlyList<WeightQuantizer> Quantizers
    {
        get;
        init => field = ValueList<WeightQuantizer>.Of(value);
    } = DefaultCandidates;

    /// <summary>How candidates are rated and chosen.</summary>
    public AssignmentStrategy AssignmentStrategy { get; init; } = AssignmentStrategy.ActivationAware;

    /// <summary>
    /// What a candidate costs; null for what the strategy implies: <see cref="CostMetric.Rtn"/> with
    /// <see cref="AssignmentStrategy.Ilp"/>, <see cref="CostMetric.Quantized"/> with <see cref="AssignmentStrategy.ActivationAware"/>.
    /// </summary>
    public CostMetric? CostMetric { get; init; }

    /// <summary>
    /// The budget in bits per weight, before scales and zero points: what a candidate of so many bits would take is what the
    /// plan may take. Null where <see cref="Ratios"/> set it, and with <see cref="AssignmentStrategy.Manual"/>.
    /// </summary>
    public double? TargetBit { get; init; }

    /// <summary>
    /// The share of the weights for each candidate, which sets the budget where <see cref="TargetBit"/> is null: the plan may take
    /// what these shares would. They sum to 1, one for each candidate. The plan need not keep them.
    /// </summary>
    public IReadOnlyList<double> Ratios
    {
        get;
        init => field = ValueList<double>.Of(value);
    } = ValueList<double>.Empty;

    /// <summary>Calibration windows for rating.</summary>
    public int NumCalibSamples { get; init; } = 128;

    /// <summary>Tokens of a window for rating.</summary>
    public int CalibSeqLen { get; init; } = 256;

    /// <summary>
    /// True to weight errors by the curvature of the loss at each output, false for weight 1; with <see cref="AutoBit.CostMetric.ActivationAware"/>.
    /// </summary>
    public bool UseCurvatureB { get; init; } = true;

    /// <summary>True to give layers that servers fuse (q, k and v; gate and up) the same candidate.</summary>
    public bool EnableFusedGroups { get; init; } = true;

    /// <summary>Module names of each fused group.</summary>
    public IReadOnlyList<IReadOnlyList<string>> FusedGroups
    {
        get;
        init => field = Groups(value);
    } = DefaultFusedGroups;

    /// <summary>
    /// True to use DBF where grids fail: for all layers when the budget is at most <see cref="DbfThreshold"/> or below every
    /// candidate, and for a plan's layers at or below it when the whole plan is.
    /// </summary>
    public bool AutoDbf { get; init; } = true;

    /// <summary>Effective bits per weight at which <see cref="AutoDbf"/> takes over.</summary>
    public double DbfThreshold { get; init; } = 2;

    /// <summary>Rounds of DBF; null for its own default.</summary>
    public int? DbfIters { get; init; }

    /// <summary>A .png that gets the heatmap whenever a plan is made; null for none. One that is there is replaced.</summary>
    public string? SavePath { get; init; }

    /// <summary>The model that the budget was made for; null where it was given as a number. Flows on in a pipeline.</summary>
    public string? Model { get; init; }

    /// <summary>GPTQ at 2, 3, 4 and 8 bits with the default preset.</summary>
    public static IReadOnlyList<WeightQuantizer> DefaultCandidates { get; } = CandidatesOf(QuantizationPreset.Default);

    /// <summary>The layers that inference servers run as one: q, k, v and gate, up.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> DefaultFusedGroups { get; } =
        Groups([["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"], ["mlp.gate_proj", "mlp.up_proj"]]);

    /// <summary>GPTQ at 2, 3, 4 and 8 bits with a preset.</summary>
    public static IReadOnlyList<WeightQuantizer> CandidatesOf(QuantizationPreset preset) =>
        ValueList<WeightQuantizer>.Of(FusableBits.Select(bits => GptqPresets.Of(preset) with { WBits = bits }));

    internal override int StepsToTune => Quantizers.Select(quantizer => quantizer.StepsToTune).DefaultIfEmpty(0).Max();

    /// <inheritdoc/>
    public override string Method => "AutoBit";

    /// <summary>True when rating needs calibration text.</summary>
    public bool NeedsCalibration => AssignmentStrategy != AssignmentStrategy.Manual && EffectiveCostMetric != AutoBit.CostMetric.Rtn;

    /// <summary>The cost that is used.</summary>
    internal CostMetric EffectiveCostMetric => CostMetric
        ?? (AssignmentStrategy == AssignmentStrategy.Ilp ? AutoBit.CostMetric.Rtn : AutoBit.CostMetric.Quantized);

    /// <inheritdoc/>
    protected override string DefaultName => TargetBit is { } target
        ? string.Create(CultureInfo.InvariantCulture, $"AutoBit_{target:0.###}bit")
        : Ratios.Count > 0 ? "AutoBit_ratios" : "AutoBit_manual";

    internal override void Check(FaultList faults)
    {
        if (Quantizers.Count == 0)
        {
            faults.Add(nameof(Quantizers), "is empty; leave it out for GPTQ at 2, 3, 4 and 8 bits");
        }

        if (TargetBit is { } target)
        {
            faults.Range(nameof(TargetBit), target, 0.1, 16);
        }
        else if (AssignmentStrategy != AssignmentStrategy.Manual && Ratios.Count == 0)
        {
            faults.Add(nameof(TargetBit), $"is needed with the strategy {AssignmentStrategy}, unless {nameof(Ratios)} set the budget");
        }

        faults.Range(nameof(NumCalibSamples), NumCalibSamples, 1, 1_000_000);
        faults.Range(nameof(CalibSeqLen), CalibSeqLen, 2, 1_000_000);
        faults.Range(nameof(DbfThreshold), DbfThreshold, 0, 16);
        if (DbfIters is { } iters)
        {
            faults.Range(nameof(DbfIters), iters, 1, 1_000_000);
        }

        if (SavePath is { } path && !Path.GetExtension(path).Equals(".png", StringComparison.OrdinalIgnoreCase))
        {
            faults.Add(nameof(SavePath), $"'{path}' does not end in .png, which the heatmap is");
        }

        CheckRatios(faults);
        CheckFusedGroups(faults);
        CheckCandidates(faults);
    }

    private static ValueList<IReadOnlyList<string>> Groups(IEnumerable<IReadOnlyList<string>> groups) =>
        ValueList<IReadOnlyList<string>>.Of(groups.Select(group => ValueList<string>.Of(group)));

    private void CheckRatios(FaultList faults)
    {
        if (Ratios.Count == 0)
        {
            return;
        }

        if (Ratios.Count != Quantizers.Count)
        {
            faults.Add(nameof(Ratios), string.Create(CultureInfo.InvariantCulture, $"has {Ratios.Count} shares for {Quantizers.Count} candidates"));
        }

        foreach (var ratio in Ratios)
        {
            faults.Range(nameof(Ratios), ratio, 0, 1);
        }

        if (Math.Abs(Ratios.Sum() - 1) > RatioTolerance)
        {
            faults.Add(nameof(Ratios), string.Create(CultureInfo.InvariantCulture, $"sum to {Ratios.Sum():0.######}, not to 1"));
        }
    }

    private void CheckFusedGroups(FaultList faults)
    {
        foreach (var group in FusedGroups)
        {
            if (group.Count < 2 || group.Any(string.IsNullOrEmpty))
            {
                faults.Add(nameof(FusedGroups), $"[{string.Join(", ", group)}] is not a list of two or more module names (in PowerShell, one group alone is ,@('a', 'b'))");
            }
        }
    }

    private void CheckCandidates(FaultList faults)
    {
        for (var i = 0; i < Quantizers.Count; i++)
        {
            var candidate = Quantizers[i];
            try
            {
                candidate.Validate();
            }
            catch (QuantizerOptionsException exception)
            {
                faults.Add($"{nameof(Quantizers)}[{i}]", exception.Message.TrimEnd('.'));
                continue;
            }

            if (AssignmentStrategy == AssignmentStrategy.Manual)
            {
                continue;
            }

            if (candidate is not (GptqQuantizer or RtnQuantizer))
            {
                faults.Add($"{nameof(Quantizers)}[{i}]", $"{candidate.Name}: only GPTQ and RTN candidates are rated; use {candidate.Method} by {nameof(AutoDbf)} or the strategy {AssignmentStrategy.Manual}");
            }
            else if (EnableFusedGroups && !CanBeFused(candidate))
            {
                faults.Add(
                    $"{nameof(Quantizers)}[{i}]",
                    $"{candidate.Name}: fused groups need GPTQ or RTN candidates of 2, 3, 4 or 8 bits; set {nameof(EnableFusedGroups)} to false to use it");
            }
        }
    }

    private static bool CanBeFused(WeightQuantizer candidate) => candidate switch
    {
        GptqQuantizer gptq => FusableBits.Contains(gptq.WBits) && FusableBits.Contains(gptq.MlpWBits ?? gptq.WBits) && gptq.ModuleWBits.All(rule => FusableBits.Contains(rule.Value)),
        RtnQuantizer rtn => FusableBits.Contains(rtn.WBits),
        _ => false,
    };
}
