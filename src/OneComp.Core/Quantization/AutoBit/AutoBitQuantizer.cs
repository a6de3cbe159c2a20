using System.Globalization;
using OneComp.Quantization.Gptq;

namespace OneComp.Quantization.AutoBit;

/// <summary>
/// Gives every layer one of several quantizers so that the whole costs least within a budget of bits.
/// </summary>
public sealed record AutoBitQuantizer : Quantizer
{
    /// <summary>Bits that inference servers can fuse.</summary>
    internal static IReadOnlyList<int> FusableBits { get; } = [2, 3, 4, 8];

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

    internal override void Check(FaultList faults) => AutoBitChecks.Add(this, faults);

    private static ValueList<IReadOnlyList<string>> Groups(IEnumerable<IReadOnlyList<string>> groups) =>
        ValueList<IReadOnlyList<string>>.Of(groups.Select(group => ValueList<string>.Of(group)));
}
