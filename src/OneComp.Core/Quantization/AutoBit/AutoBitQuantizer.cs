using OneComp.Quantization.Gptq;
using OneComp.Quantization.Rtn;

namespace OneComp.Quantization.AutoBit;

/// <summary>
/// Gives every layer one of several quantizers so that the whole costs least within a budget of bits.
/// </summary>
public sealed record AutoBitQuantizer : Quantizer
{
    private static readonly int[] FusableBits = [2, 3, 4, 8];

    /// <summary>The candidates. GPTQ at 2, 3, 4 and 8 bits where none are given.</summary>
    public IReadOnlyList<WeightQuantizer> Quantizers { get; init; } = DefaultCandidates;

    /// <summary>How candidates are rated and chosen.</summary>
    public AssignmentStrategy AssignmentStrategy { get; init; } = AssignmentStrategy.ActivationAware;

    /// <summary>
    /// The budget in bits per weight, before scales and zero points: what a candidate of so many bits would take is what the
    /// plan may take. Null only with <see cref="AssignmentStrategy.Manual"/>.
    /// </summary>
    public double? TargetBit { get; init; }

    /// <summary>Calibration windows for rating.</summary>
    public int NumCalibSamples { get; init; } = 128;

    /// <summary>Tokens of a window for rating.</summary>
    public int CalibSeqLen { get; init; } = 256;

    /// <summary>True to weight errors by the curvature of the loss at each output; false for weight 1.</summary>
    public bool UseCurvatureB { get; init; } = true;

    /// <summary>True to give layers that servers fuse (q, k and v; gate and up) the same candidate.</summary>
    public bool EnableFusedGroups { get; init; } = true;

    /// <summary>Module names of each fused group.</summary>
    public IReadOnlyList<IReadOnlyList<string>> FusedGroups { get; init; } = DefaultFusedGroups;

    /// <summary>The model that the budget was made for; null where it was given as a number. Flows on in a pipeline.</summary>
    public string? Model { get; init; }

    /// <summary>GPTQ at 2, 3, 4 and 8 bits.</summary>
    public static IReadOnlyList<WeightQuantizer> DefaultCandidates { get; } =
        [.. FusableBits.Select(bits => new GptqQuantizer { WBits = bits })];

    /// <summary>The layers that inference servers run as one: q, k, v and gate, up.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> DefaultFusedGroups { get; } =
        [["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"], ["mlp.gate_proj", "mlp.up_proj"]];

    /// <inheritdoc/>
    public override string Method => "AutoBit";

    /// <summary>True when rating needs calibration text.</summary>
    public bool NeedsCalibration => AssignmentStrategy == AssignmentStrategy.ActivationAware;

    /// <inheritdoc/>
    protected override string DefaultName => TargetBit is { } target
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"AutoBit_{target:0.###}bit")
        : "AutoBit_manual";

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
        else if (AssignmentStrategy != AssignmentStrategy.Manual)
        {
            faults.Add(nameof(TargetBit), $"is needed with the strategy {AssignmentStrategy}");
        }

        faults.Range(nameof(NumCalibSamples), NumCalibSamples, 1, 1_000_000);
        faults.Range(nameof(CalibSeqLen), CalibSeqLen, 2, 1_000_000);
        CheckCandidates(faults);
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

            if (EnableFusedGroups && AssignmentStrategy != AssignmentStrategy.Manual && !CanBeFused(candidate))
            {
                faults.Add(
                    $"{nameof(Quantizers)}[{i}]",
                    $"{candidate.Name}: fused groups need GPTQ or RTN candidates of 2, 3, 4 or 8 bits; set {nameof(EnableFusedGroups)} to false to use it");
            }
        }
    }

    private static bool CanBeFused(WeightQuantizer candidate) => candidate switch
    {
        GptqQuantizer gptq => FusableBits.Contains(gptq.WBits),
        RtnQuantizer rtn => FusableBits.Contains(rtn.WBits),
        _ => false,
    };
}
