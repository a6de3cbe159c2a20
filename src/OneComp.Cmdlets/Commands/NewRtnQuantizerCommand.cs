using System.Management.Automation;
using OneComp.Quantization.Rtn;
using OneComp.Quantizers;

namespace OneComp.Commands;

/// <summary>Makes a round-to-nearest quantizer: each weight to the closest point of its group's grid, without calibration.</summary>
/// <example><code>New-RtnQuantizer -WBits 4 -GroupSize 128</code></example>
[Cmdlet(VerbsCommon.New, "RtnQuantizer")]
[OutputType(typeof(RtnQuantizer))]
public sealed class NewRtnQuantizerCommand : GridQuantizerCommand
{
    /// <summary>$true for grids centred on zero; $false for grids fitted to each group's range.</summary>
    [Parameter]
    public bool Sym { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Write(new RtnQuantizer
    {
        Sym = Sym,
    });
}
