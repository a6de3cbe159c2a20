using System.Collections;
using System.Management.Automation;
using OneComp.Hosting;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Rtn;
using OneComp.Quantization.Settings;
using OneComp.Quantizers;

namespace OneComp.Commands;

/// <summary>Copies a quantizer with other settings; the one it was made from stays as it is.</summary>
/// <example><code>$q | Copy-OneCompQuantizer -With @{ GroupSize = 64; Sym = $false }</code></example>
[Cmdlet(VerbsCommon.Copy, "OneCompQuantizer")]
[OutputType(typeof(GptqQuantizer), typeof(RtnQuantizer), typeof(DbfQuantizer), typeof(AutoBitQuantizer))]
public sealed class CopyOneCompQuantizerCommand : OneCompCmdlet
{
    /// <summary>The quantizer to copy.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public Quantizer InputObject { get; set; } = null!;

    /// <summary>The settings that differ, by the names that the object shows; $null sets one back to its default.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public IDictionary With { get; set; } = null!;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (TryRun((_, _) => QuantizerSettings.With(InputObject, SettingValues.Table(With)), InputObject, out var copy))
        {
            WriteObject(copy);
        }
    }
}
