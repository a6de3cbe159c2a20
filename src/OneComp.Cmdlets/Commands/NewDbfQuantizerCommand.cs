using System.Collections;
using System.Globalization;
using System.Management.Automation;
using OneComp.Quantization.Dbf;
using OneComp.Quantizers;

namespace OneComp.Commands;

/// <summary>
/// Makes a DBF quantizer (double binary factorization): the weight becomes a product of two matrices of signs with scales. For
/// 1 to 2 bits per weight, where grids fail.
/// </summary>
/// <example><code>New-DbfQuantizer -TargetBits 1.5</code></example>
/// <example><code>New-DbfQuantizer 1.5 -Iters 50 -UseBalancing $true -RefineIters 0   # as the reference factorizes</code></example>
/// <example><code>New-DbfQuantizer 1.2 -MlpTargetBits 1.6 -ModuleTargetBits @{ down_proj = 1.8 }</code></example>
[Cmdlet(VerbsCommon.New, "DbfQuantizer")]
[OutputType(typeof(DbfQuantizer))]
public sealed class NewDbfQuantizerCommand : QuantizerCommand
{
    /// <summary>Signs per weight, in both matrices together; the 16-bit scales come on top. Above 2 nothing is gained.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    public double TargetBits { get; set; } = 1.5;

    /// <summary>Rounds of solving for one matrix and then the other: time against error.</summary>
    [Parameter]
    public int Iters { get; set; } = 600;

    /// <summary>Ridge term of each solve, as a share of the mean diagonal of its Gram matrix.</summary>
    [Parameter]
    public double Reg { get; set; } = 0.03;

    /// <summary>$true to bring rows and columns of the weight to equal norms first, as the reference does; $false to weight columns by their inputs.</summary>
    [Parameter]
    public bool UseBalancing { get; set; }

    /// <summary>Without balancing: $true to weight rows by the squared gradients of the loss at their outputs.</summary>
    [Parameter]
    public bool UseCurvature { get; set; } = true;

    /// <summary>Without balancing: the last rounds that are solved under the whole Hessian of the inputs; 0 for its diagonal throughout.</summary>
    [Parameter]
    public int HessianIters { get; set; } = 20;

    /// <summary>Share by which the inputs' correlations are drawn towards 0 where the whole Hessian counts.</summary>
    [Parameter]
    public double HessianShrinkage { get; set; } = 0.2;

    /// <summary>Passes over signs and scales after the last round, for the error at the layer's outputs; 0 for none. 0 with -UseBalancing $true needs no calibration.</summary>
    [Parameter]
    public int RefineIters { get; set; } = 3;

    /// <summary>Rounds of balancing.</summary>
    [Parameter]
    public int BalanceIters { get; set; } = 40;

    /// <summary>Norm that balanced rows get; the saved scales take it up.</summary>
    [Parameter]
    public double BalanceAlpha { get; set; } = 1;

    /// <summary>The norms that balancing makes equal: L1 (sums of magnitudes) or L2 (sums of squares).</summary>
    [Parameter]
    public BalanceMode BalanceMode { get; set; } = BalanceMode.L1;

    /// <summary>$true to adapt the penalty of a solve to its residuals.</summary>
    [Parameter]
    public bool UseAdaptiveRho { get; set; } = true;

    /// <summary>Target bits for layers whose name holds "mlp".</summary>
    [Parameter]
    public double? MlpTargetBits { get; set; }

    /// <summary>Target bits by a layer's name or part of it, as a hashtable: @{ down_proj = 1.8 }. Stands over -TargetBits and -MlpTargetBits.</summary>
    [Parameter]
    public IDictionary? ModuleTargetBits { get; set; }

    /// <summary>Seed of the random start: the same seed gives the same bytes.</summary>
    [Parameter]
    public int Seed { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Write(new DbfQuantizer
    {
        TargetBits = TargetBits,
        Iters = Iters,
        Reg = Reg,
        UseBalancing = UseBalancing,
        UseCurvature = UseCurvature,
        HessianIters = HessianIters,
        HessianShrinkage = HessianShrinkage,
        RefineIters = RefineIters,
        BalanceIters = BalanceIters,
        BalanceAlpha = BalanceAlpha,
        BalanceMode = BalanceMode,
        UseAdaptiveRho = UseAdaptiveRho,
        MlpTargetBits = MlpTargetBits,
        ModuleTargetBits = ModuleTargetBits is null ? [] : [.. ModuleTargetBits.Cast<DictionaryEntry>().Select(Rule)],
        Seed = Seed,
    });

    private static KeyValuePair<string, double> Rule(DictionaryEntry entry) => KeyValuePair.Create(
        (string)LanguagePrimitives.ConvertTo(entry.Key, typeof(string), CultureInfo.InvariantCulture),
        (double)LanguagePrimitives.ConvertTo(entry.Value, typeof(double), CultureInfo.InvariantCulture));
}
