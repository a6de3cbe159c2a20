using System.Management.Automation;
using OneComp.Binding;
using OneComp.Completion;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Gptq;
using OneComp.Quantizers;

namespace OneComp.Commands;

/// <summary>
/// Makes an AutoBit quantizer: gives every layer one of the candidates so that the whole loses least within a budget of bits.
/// Candidates come down the pipeline; so does the budget, from Get-OneCompVramEstimate.
/// </summary>
/// <example><code>2, 3, 4, 8 | New-GptqQuantizer -GroupSize 128 | New-AutoBitQuantizer -TargetBit 3</code></example>
/// <example><code>Get-OneCompVramEstimate ./model -TotalVramGB 8 | New-AutoBitQuantizer</code></example>
[Cmdlet(VerbsCommon.New, "AutoBitQuantizer")]
[OutputType(typeof(AutoBitQuantizer))]
public sealed class NewAutoBitQuantizerCommand : QuantizerCommand
{
    private readonly List<WeightQuantizer> _collected = [];
    private bool _candidatesAreArgument;

    /// <summary>The candidates, one after the other from the pipeline or as a list; GPTQ at 2, 3, 4 and 8 bits when left out.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(QuantizerCompleter))]
    public WeightQuantizer[]? Quantizer { get; set; }

    /// <summary>
    /// Settings of the candidates when none are given: Default (the best that servers run in stock form), Best (the best there is) or
    /// Reference (plain GPTQ, rated as the Python package OneComp does).
    /// </summary>
    [Parameter]
    public QuantizationPreset Preset { get; set; } = QuantizationPreset.Default;

    /// <summary>
    /// The budget in bits per weight, before scales and zero points: the plan may take what candidates of so many bits would.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("TargetBitwidth")]
    public double? TargetBit { get; set; }

    /// <summary>
    /// The share of the weights for each candidate, in their order, summing to 1. Sets the budget where -TargetBit is left out: the
    /// plan may take what these shares would, but need not keep to them.
    /// </summary>
    [Parameter]
    [Alias("Ratios")]
    public double[] Ratio { get; set; } = [];

    /// <summary>The model that the budget is for; flows on to Invoke-OneCompQuantization.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string? Model { get; set; }

    /// <summary>How candidates are rated and chosen: ActivationAware, Ilp or Manual.</summary>
    [Parameter]
    [SnakeCase]
    public AssignmentStrategy AssignmentStrategy { get; set; } = AssignmentStrategy.ActivationAware;

    /// <summary>
    /// What a candidate costs: Quantized (what it does to the layer, weighted by the loss's gradients), ActivationAware or Rtn (estimates from
    /// round-to-nearest, as the Python package OneComp makes them). Quantized when left out, or Rtn with the strategy Ilp.
    /// </summary>
    [Parameter]
    [SnakeCase]
    public CostMetric? CostMetric { get; set; }

    /// <summary>Calibration windows for rating.</summary>
    [Parameter]
    public int NumCalibSamples { get; set; } = 128;

    /// <summary>Tokens of a window for rating.</summary>
    [Parameter]
    public int CalibSeqLen { get; set; } = 256;

    /// <summary>$true to weight errors by the curvature of the loss at each output, with -CostMetric ActivationAware.</summary>
    [Parameter]
    public bool UseCurvatureB { get; set; } = true;

    /// <summary>$true to give layers that servers fuse (q, k and v; gate and up) the same candidate.</summary>
    [Parameter]
    public bool EnableFusedGroups { get; set; } = true;

    /// <summary>
    /// Which modules are fused, a list of names for each group: @('self_attn.q_proj', 'self_attn.k_proj'), @('mlp.gate_proj',
    /// 'mlp.up_proj'). Takes the place of q/k/v and gate/up. One group alone is written ,@('a', 'b').
    /// </summary>
    [Parameter]
    [Alias("FusedGroups")]
    public string[][]? FusedGroup { get; set; }

    /// <summary>
    /// $true to use DBF where grids fail: for all layers when the budget is at most -DbfThreshold effective bits or below every
    /// candidate, and for the layers at or below it when a whole plan is.
    /// </summary>
    [Parameter]
    public bool AutoDbf { get; set; } = true;

    /// <summary>Effective bits per weight at which -AutoDbf takes over.</summary>
    [Parameter]
    public double DbfThreshold { get; set; } = 2;

    /// <summary>Rounds of DBF: more take longer and lose less. DBF's own default when left out.</summary>
    [Parameter]
    public int? DbfIters { get; set; }

    /// <summary>A .png file that gets the heatmap whenever a plan is made with the quantizer; one that is there is replaced.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SavePath { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _candidatesAreArgument = Quantizer is not null;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Quantizer is not null && !_candidatesAreArgument)
        {
            _collected.AddRange(Quantizer); // one of several from the pipeline
        }
        else
        {
            Write(Quantizer ?? AutoBitQuantizer.CandidatesOf(Preset));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_collected.Count > 0)
        {
            Write(_collected);
        }
    }

    private void Write(IReadOnlyList<WeightQuantizer> candidates) => Write(new AutoBitQuantizer
    {
        Quantizers = candidates,
        TargetBit = TargetBit,
        Ratios = Ratio,
        Model = Model,
        AssignmentStrategy = AssignmentStrategy,
        CostMetric = CostMetric ?? (Preset == QuantizationPreset.Reference && AssignmentStrategy == AssignmentStrategy.ActivationAware
            ? Quantization.AutoBit.CostMetric.ActivationAware
            : null),
        NumCalibSamples = NumCalibSamples,
        CalibSeqLen = CalibSeqLen,
        UseCurvatureB = UseCurvatureB,
        EnableFusedGroups = EnableFusedGroups,
        FusedGroups = FusedGroup ?? AutoBitQuantizer.DefaultFusedGroups,
        AutoDbf = AutoDbf,
        DbfThreshold = DbfThreshold,
        DbfIters = DbfIters,
        SavePath = SavePath is { } path ? ResolveDestination(path) : null,
    });
}
