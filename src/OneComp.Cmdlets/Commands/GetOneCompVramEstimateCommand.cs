using System.Management.Automation;
using OneComp.Estimation;
using OneComp.Hosting;
using OneComp.Hub;
using OneComp.Models;

namespace OneComp.Commands;

/// <summary>Estimates the average bits per weight with which a model fits a GPU. Needs only the model's config.json.</summary>
/// <example><code>Get-OneCompVramEstimate ./model -TotalVramGB 24</code></example>
[Cmdlet(VerbsCommon.Get, "OneCompVramEstimate")]
[OutputType(typeof(VramEstimate))]
public sealed class GetOneCompVramEstimateCommand : ModelCmdlet
{
    private const double BytesPerGB = 1e9;

    /// <summary>Folder of the model, or its id on the Hugging Face hub: org/name or org/name@revision.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    public string[] Model { get; set; } = [];

    /// <summary>Memory of the GPU in GB (1e9 bytes); that of the first GPU of this machine when left out.</summary>
    [Parameter]
    [ValidateRange(0.000001, 1e6)]
    public double? TotalVramGB { get; set; }

    /// <summary>Share of the memory that the weights may take.</summary>
    [Parameter]
    [ValidateRange(0.01, 1.0)]
    public double VramRatio { get; set; } = 0.8;

    /// <summary>Weights that share a scale.</summary>
    [Parameter]
    [ValidateRange(1, 65536)]
    public int GroupSize { get; set; } = 128;

    /// <summary>Bits of a zero point.</summary>
    [Parameter]
    [ValidateRange(1, 16)]
    public int WBits { get; set; } = 4;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var model in FindModels(Model))
        {
            if (TryRun((progress, token) => VramEstimator.Estimate(ModelConfig.Load(model.Find(ModelNeed.Config, null, progress, token)), TotalVramGB ?? GpuMemory.TotalOfFirst() / BytesPerGB, VramRatio, GroupSize, WBits), model.Name, out var estimate))
            {
                WriteObject(estimate! with { Model = model.Name });
            }
        }
    }
}
