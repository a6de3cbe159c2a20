using System.Collections;
using System.Globalization;
using System.Management.Automation;
using OneComp.Quantization.Gptq;
using OneComp.Quantizers;

namespace OneComp.Commands;

/// <summary>
/// Makes a GPTQ quantizer: rounds column by column and corrects the columns that follow for each rounding error, weighted by
/// calibration data.
/// </summary>
/// <example><code>New-GptqQuantizer -WBits 4 -GroupSize 128</code></example>
/// <example><code>2, 3, 4, 8 | New-GptqQuantizer -GroupSize 128 | New-AutoBitQuantizer -TargetBit 3</code></example>
[Cmdlet(VerbsCommon.New, "GptqQuantizer")]
[OutputType(typeof(GptqQuantizer))]
public sealed class NewGptqQuantizerCommand : GridQuantizerCommand
{
    /// <summary>
    /// Where the settings come from that are left out: Default (the best that servers run in stock form: -Mse -ActOrder
    /// -StaticGroup -RefineIters 4 -PercDamp 0.03 -QNorm 2), Best (the same with -Sym $false -WeightedMse -TuneSteps 512) or Reference (plain GPTQ, all of these off, -PercDamp 0.01 -QNorm 2.4).
    /// </summary>
    [Parameter]
    public QuantizationPreset Preset { get; set; } = QuantizationPreset.Default;

    /// <summary>Columns worked on before the rest of the matrix is brought up to date: speed, not the method.</summary>
    [Parameter]
    public int BlockSize { get; set; } = 128;

    /// <summary>Damping of the Hessian as a share of its mean diagonal.</summary>
    [Parameter]
    public double PercDamp { get; set; } = 0.01;

    /// <summary>Quantize the columns with the largest inputs first (desc_act).</summary>
    [Parameter]
    public SwitchParameter ActOrder { get; set; }

    /// <summary>
    /// Fix each group's range before the first column is rounded. With -ActOrder the groups then stay where servers expect them, so
    /// that the order costs nothing at inference.
    /// </summary>
    [Parameter]
    [Alias("StaticGroups")]
    public SwitchParameter StaticGroup { get; set; }

    /// <summary>Weight the error that -Mse minimises by each input's second moment over the calibration data.</summary>
    [Parameter]
    public SwitchParameter WeightedMse { get; set; }

    /// <summary>Rounds that improve the result: scales by least squares for the codes, codes by coordinate descent for the scales.</summary>
    [Parameter]
    public int RefineIters { get; set; }

    /// <summary>
    /// Steps that tune scales and codes of the finished model towards the outputs of the original; 0 for none. Each is a walk forward and back
    /// over 16 calibration windows.
    /// </summary>
    [Parameter]
    public int TuneSteps { get; set; }

    /// <summary>$true for grids centred on zero, which more servers run; $false for grids fitted to each group's range.</summary>
    [Parameter]
    public bool Sym { get; set; } = true;

    /// <summary>Bits for layers whose name holds "mlp".</summary>
    [Parameter]
    public int? MlpWBits { get; set; }

    /// <summary>Group size for layers whose name holds "mlp".</summary>
    [Parameter]
    public int? MlpGroupSize { get; set; }

    /// <summary>Bits by part of a layer's name, as a hashtable: @{ down_proj = 4 }. Stands over -WBits and -MlpWBits.</summary>
    [Parameter]
    public IDictionary? ModuleWBits { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        var preset = GptqPresets.Of(Preset);
        Mse = IsGiven(nameof(Mse)) ? Mse : preset.Mse;
        WeightedMse = IsGiven(nameof(WeightedMse)) ? WeightedMse : preset.WeightedMse && Mse;
        ActOrder = IsGiven(nameof(ActOrder)) ? ActOrder : preset.ActOrder;
        StaticGroup = IsGiven(nameof(StaticGroup)) ? StaticGroup : preset.StaticGroups;
        RefineIters = IsGiven(nameof(RefineIters)) ? RefineIters : preset.RefineIters;
        TuneSteps = IsGiven(nameof(TuneSteps)) ? TuneSteps : preset.TuneSteps;
        Sym = IsGiven(nameof(Sym)) ? Sym : preset.Sym;
        PercDamp = IsGiven(nameof(PercDamp)) ? PercDamp : preset.PercDamp;
        QNorm = IsGiven(nameof(QNorm)) ? QNorm : preset.QNorm;
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Write(new GptqQuantizer
    {
        BlockSize = BlockSize,
        PercDamp = PercDamp,
        ActOrder = ActOrder,
        StaticGroups = StaticGroup,
        WeightedMse = WeightedMse,
        RefineIters = RefineIters,
        TuneSteps = TuneSteps,
        Sym = Sym,
        MlpWBits = MlpWBits,
        MlpGroupSize = MlpGroupSize,
        ModuleWBits = ModuleWBits is null ? [] : [.. ModuleWBits.Cast<DictionaryEntry>().Select(Rule)],
    });

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private static KeyValuePair<string, int> Rule(DictionaryEntry entry) => KeyValuePair.Create(
        (string)LanguagePrimitives.ConvertTo(entry.Key, typeof(string), CultureInfo.InvariantCulture),
        (int)LanguagePrimitives.ConvertTo(entry.Value, typeof(int), CultureInfo.InvariantCulture));
}
