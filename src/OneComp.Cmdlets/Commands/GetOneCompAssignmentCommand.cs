using System.Management.Automation;
using OneComp.Binding;
using OneComp.Calibration;
using OneComp.Completion;
using OneComp.Hosting;
using OneComp.Hub;
using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;

namespace OneComp.Commands;

/// <summary>Shows which quantizer each layer would get, without quantizing.</summary>
/// <example><code>New-AutoBitQuantizer -TargetBit 3 | Get-OneCompAssignment ./model</code></example>
/// <example><code>New-AutoBitQuantizer 3 | Get-OneCompAssignment ./model -TargetBit 2.5, 3, 3.5, 4 | Export-OneCompAssignment ./curve.xlsx</code></example>
[Cmdlet(VerbsCommon.Get, "OneCompAssignment", SupportsShouldProcess = true)] // a quantizer may ask for a picture of the plan
[OutputType(typeof(LayerAssignment), typeof(AssignmentSummary))]
public sealed class GetOneCompAssignmentCommand : CalibrationCommand
{
    /// <summary>Folder of the model, or its id on the Hugging Face hub: org/name or org/name@revision.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string Model { get; set; } = "";

    /// <summary>What to quantize with: the output of a New-...Quantizer cmdlet.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(QuantizerCompleter))]
    public Quantizer Quantizer { get; set; } = null!;

    /// <summary>
    /// Budgets in bits per weight, in place of the quantizer's own: a plan for each from one rating of the layers. Their rows come
    /// one plan after the other and carry the budget as TargetBit.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ValidateRange(0.1, 16.0)]
    public double[] TargetBit { get; set; } = [];

    /// <summary>Give one object a plan instead of one a layer: budget, bits used and left, cost, and what the solver proved.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <summary>Field or column of the calibration text.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string TextColumn { get; set; } = TextSource.DefaultTextColumn;

    /// <summary>How windows are cut from the text: ConcatChunk, ConcatChunkAlign, DropHead or DropRand.</summary>
    [Parameter]
    [SnakeCase]
    public CalibrationStrategy CalibrationStrategy { get; set; } = CalibrationStrategy.ConcatChunkAlign;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var model = FindModel(Model);
        var options = new PlanOptions
        {
            Model = model.Name,
            Quantizer = WithoutPicture(Quantizer),
            CalibrationPath = ResolvedCalibrationPath,
            TextColumn = TextColumn,
            TensorName = TensorName,
            CalibrationStrategy = CalibrationStrategy,
            Seed = Seed,
            Device = Devices,
            MaxGpuMemoryGB = MaxGpuMemoryGB,
        };
        double[] targets = [.. TargetBit.Distinct()];
        if (Summary)
        {
            WriteObject(Run((progress, token) => PlanRun.Summaries(options with { Model = model.Find(ModelNeed.Weights, null, progress, token) }, targets, progress, token), options.Model), enumerateCollection: true);
        }
        else
        {
            WriteObject(Run((progress, token) => PlanRun.Run(options with { Model = model.Find(ModelNeed.Weights, null, progress, token) }, targets, progress, token), options.Model), enumerateCollection: true);
        }
    }

    private Quantizer WithoutPicture(Quantizer quantizer) => quantizer is AutoBitQuantizer { SavePath: { } path } autoBit && !ShouldProcess(path, "Write heatmap")
        ? autoBit with { SavePath = null }
        : quantizer;
}
