using System.Management.Automation;
using OneComp.Quantization.Rtn;
using OneComp.Quantizers;

namespace OneComp.Commands;

/// <summary>Makes a round-to-nearest quantizer: each weight to the closest point of its group's grid, without calibration.</summary>
/// <example><code>New-RtnQuantizer -WBits 4 -GroupSize 128</code></example>
[Cmdlet(VerbsCommon.New, "RtnQuantizer")]
[OutputType(typeof(RtnQuantizer))]
public sealed class NewRtnQuantizerCommand : QuantizerCommand
{
    /// <summary>Bits of a code, 2 to 8.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    public int WBits { get; set; } = 4;

    /// <summary>Weights of a row that share a scale; -1 for the whole row.</summary>
    [Parameter]
    public int GroupSize { get; set; } = 128;

    /// <summary>Shrink each group's range where that lowers its error.</summary>
    [Parameter]
    public SwitchParameter Mse { get; set; }

    /// <summary>Steps of the shrinking with -Mse.</summary>
    [Parameter]
    public int QGrid { get; set; } = 600;

    /// <summary>Exponent of the error that -Mse minimises.</summary>
    [Parameter]
    public double QNorm { get; set; } = 2.4;

    /// <summary>$true for grids centred on zero; $false for grids fitted to each group's range.</summary>
    [Parameter]
    public bool Sym { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Write(new RtnQuantizer
    {
        WBits = WBits,
        GroupSize = GroupSize,
        Mse = Mse,
        QGrid = QGrid,
        QNorm = QNorm,
        Sym = Sym,
    });
}
