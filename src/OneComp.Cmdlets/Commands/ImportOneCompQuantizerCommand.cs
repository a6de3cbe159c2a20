using System.Management.Automation;
using System.Text;
using OneComp.Hosting;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Rtn;
using OneComp.Quantization.Settings;
using OneComp.Quantizers;

namespace OneComp.Commands;

/// <summary>Reads quantizers from .json or .psd1 files. Nothing in a file is run, and every setting is checked.</summary>
/// <example><code>Import-OneCompQuantizer ./four.json | Invoke-OneCompQuantization ./model ./q</code></example>
[Cmdlet(VerbsData.Import, "OneCompQuantizer", DefaultParameterSetName = PathSet)]
[OutputType(typeof(GptqQuantizer), typeof(RtnQuantizer), typeof(DbfQuantizer), typeof(AutoBitQuantizer))]
public sealed class ImportOneCompQuantizerCommand : ImportCommand
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var file in Files)
        {
            if (TryRun((_, _) => Read(file), file, out var quantizer))
            {
                WriteObject(quantizer);
            }
        }
    }

    private static Quantizer Read(string file)
    {
        var isData = QuantizerFile.IsDataFile(file);
        var bytes = QuantizerFile.Read(file);
        return isData
            ? QuantizerSettings.FromJson(DataFile.Read(new UTF8Encoding(false).GetString(bytes).TrimStart('\uFEFF'), file), file)
            : QuantizerSettings.Parse(bytes, file);
    }
}
