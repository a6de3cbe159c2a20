using System.Management.Automation;
using OneComp.Hosting;
using OneComp.Pipeline;
using OneComp.Quantization;

namespace OneComp.Commands;

/// <summary>Shows which quantizer each layer would get, without quantizing.</summary>
/// <example><code>New-AutoBitQuantizer -TargetBit 3 | Get-OneCompAssignment ./model</code></example>
[Cmdlet(VerbsCommon.Get, "OneCompAssignment")]
[OutputType(typeof(LayerAssignment))]
public sealed class GetOneCompAssignmentCommand : PlanCommand
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var options = new PlanOptions
        {
            Model = ResolvePath(Model),
            Quantizer = Quantizer,
            CalibrationPath = ResolvedCalibrationPath,
            TextColumn = TextColumn,
            TensorName = TensorName,
            CalibrationStrategy = CalibrationStrategy,
            Seed = Seed,
            Device = Device,
        };
        WriteObject(Run((progress, token) => PlanRun.Run(options, progress, token), options.Model), enumerateCollection: true);
    }
}
