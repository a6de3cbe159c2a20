using System.Management.Automation;
using OneComp.Hosting;
using OneComp.Pipeline;

namespace OneComp.Commands;

/// <summary>Quantizes a model into a new folder that inference servers load.</summary>
/// <example><code>New-GptqQuantizer -WBits 4 | Invoke-OneCompQuantization ./model -Destination ./model-4bit</code></example>
/// <example><code>Get-OneCompVramEstimate ./model -TotalVramGB 8 | New-AutoBitQuantizer | Invoke-OneCompQuantization -Destination ./q</code></example>
[Cmdlet(VerbsLifecycle.Invoke, "OneCompQuantization", SupportsShouldProcess = true)]
[OutputType(typeof(QuantizationResult))]
public sealed class InvokeOneCompQuantizationCommand : PlanCommand
{
    /// <summary>Folder of the result. It appears when the run is done, whole.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    /// <summary>Calibration windows; 128 when left out, or what the module's own text gives.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? NumCalibrationSamples { get; set; }

    /// <summary>Tokens of a window; 2048, or the model's context where that is shorter, when left out.</summary>
    [Parameter]
    [ValidateRange(2, int.MaxValue)]
    public int? MaxLength { get; set; }

    /// <summary>Replace what is at the destination.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var options = new QuantizationOptions
        {
            Model = ResolvePath(Model),
            Quantizer = Quantizer,
            Destination = ResolveDestination(Destination),
            CalibrationPath = ResolvedCalibrationPath,
            TextColumn = TextColumn,
            TensorName = TensorName,
            CalibrationStrategy = CalibrationStrategy,
            NumCalibrationSamples = NumCalibrationSamples,
            MaxLength = MaxLength,
            Seed = Seed,
            Device = Device,
            Force = Force,
        };
        if (ShouldProcess(options.Destination, $"Quantize {options.Model} with {Quantizer.Name}"))
        {
            WriteObject(Run((progress, token) => QuantizationRun.Run(options, progress, token), options.Model));
        }
    }
}
