using System.Management.Automation;
using OneComp.Hosting;
using OneComp.Quantization;
using OneComp.Quantization.Settings;
using OneComp.Quantizers;

namespace OneComp.Commands;

/// <summary>Writes a quantizer's settings to a .json or .psd1 file, to keep, to compare or to hand on.</summary>
/// <example><code>New-GptqQuantizer 4 | Export-OneCompQuantizer ./four.json</code></example>
[Cmdlet(VerbsData.Export, "OneCompQuantizer", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportOneCompQuantizerCommand : OneCompCmdlet
{
    private readonly List<Quantizer> _quantizers = [];

    /// <summary>File to write: .json or .psd1.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The quantizer.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public Quantizer InputObject { get; set; } = null!;

    /// <summary>Replaces a file that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gives the written file as an object.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _quantizers.Add(InputObject);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var file = ResolveDestination(Path);
        var text = Run((_, _) => Text(file), file);
        if (!ShouldProcess(file, $"Write quantizer {_quantizers[0].Name}"))
        {
            return;
        }

        Run((_, _) =>
        {
            QuantizerFile.Write(file, text, Force);
            return file;
        }, file);
        if (PassThru)
        {
            WriteObject(new FileInfo(file));
        }
    }

    private string Text(string file)
    {
        var isData = QuantizerFile.IsDataFile(file);
        QuantizerFile.CheckDestination(file, Force);
        var settings = _quantizers.Count == 1 ? QuantizerSettings.ToJson(_quantizers[0]) : throw QuantizerFile.Several(file, _quantizers.Count);
        return isData ? DataFile.Write(settings) : QuantizerFile.ToText(settings);
    }
}
