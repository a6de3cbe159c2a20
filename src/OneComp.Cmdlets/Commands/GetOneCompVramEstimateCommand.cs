using System.Management.Automation;
using OneComp.Completion;
using OneComp.Estimation;
using OneComp.Export;
using OneComp.Hosting;
using OneComp.Hub;
using OneComp.Models;

namespace OneComp.Commands;

/// <summary>Estimates the average bits per weight with which a model fits a GPU. Needs only the model's config.json.</summary>
/// <example><code>Get-OneCompVramEstimate ./model -TotalVramGB 24 -ContextLength 8192 -BatchSize 4</code></example>
/// <example><code>(Get-OneCompVramEstimate ./model -TotalVramGB 24).Tensors</code></example>
[Cmdlet(VerbsCommon.Get, "OneCompVramEstimate")]
[OutputType(typeof(VramEstimate))]
public sealed class GetOneCompVramEstimateCommand : ModelCmdlet
{
    private const double BytesPerGB = 1e9;

    /// <summary>Folder of the model, or its id on the Hugging Face hub: org/name or org/name@revision.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[] Model { get; set; } = [];

    /// <summary>Memory of the GPU in GB (1e9 bytes); that of the first GPU of this machine when left out.</summary>
    [Parameter]
    [ValidateRange(0.000001, 1e6)]
    public double? TotalVramGB { get; set; }

    /// <summary>Exact counts every tensor, the KV cache and a workspace; OneComp is the rule of the Python package.</summary>
    [Parameter]
    public EstimateMethod Method { get; set; } = EstimateMethod.Exact;

    /// <summary>Share of the memory that a server takes: 0.9 when left out, as vLLM does. With -Method OneComp what weights may take: 0.8.</summary>
    [Parameter]
    [ValidateRange(0.01, 1.0)]
    public double? VramRatio { get; set; }

    /// <summary>Memory in GB to keep free on each GPU beside that.</summary>
    [Parameter]
    [ValidateRange(0.0, 1e6)]
    public double ReserveGB { get; set; }

    /// <summary>Tokens of a sequence, for the KV cache: 4096, or the model's context where that is shorter, when left out.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? ContextLength { get; set; }

    /// <summary>Sequences at once.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int BatchSize { get; set; } = 1;

    /// <summary>Bits of a number in the KV cache: 16, or 8 or 4 where the server stores it so.</summary>
    [Parameter]
    [ValidateSet("4", "8", "16", "32")]
    public int KvBits { get; set; } = 16;

    /// <summary>GPUs that the model is divided over; memory is that of one.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int TensorParallel { get; set; } = 1;

    /// <summary>Weights that share a scale; a size beyond a row's length means the row.</summary>
    [Parameter]
    [ValidateRange(1, 65536)]
    public int GroupSize { get; set; } = 128;

    /// <summary>The form that is served: Gptq or CompressedTensors.</summary>
    [Parameter]
    [ValidateSet(nameof(ExportFormat.Gptq), nameof(ExportFormat.CompressedTensors))]
    public ExportFormat Format { get; set; } = ExportFormat.Gptq;

    /// <summary>Bits of a zero point, with -Method OneComp; counted as large as the codes otherwise.</summary>
    [Parameter]
    [ValidateRange(1, 16)]
    public int WBits { get; set; } = 4;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var model in FindModels(Model))
        {
            if (TryRun((progress, token) => Estimate(ModelConfig.Load(model.Find(ModelNeed.Config, null, progress, token))), model.Name, out var estimate))
            {
                WriteObject(estimate! with { Model = model.Name });
            }
        }
    }

    private VramEstimate Estimate(ModelConfig config)
    {
        EstimateSettings.Check(Method, MyInvocation.BoundParameters.Keys);
        var total = TotalVramGB ?? GpuMemory.TotalOfFirst() / BytesPerGB;
        return Method == EstimateMethod.OneComp
            ? VramEstimator.Estimate(config, total, VramRatio ?? VramEstimator.DefaultRatio, GroupSize, WBits)
            : MemoryEstimator.Estimate(config, new MemoryOptions
            {
                TotalVramGB = total,
                VramRatio = VramRatio ?? MemoryOptions.DefaultRatio,
                ReserveGB = ReserveGB,
                ContextLength = ContextLength,
                BatchSize = BatchSize,
                KvBits = KvBits,
                TensorParallel = TensorParallel,
                GroupSize = GroupSize,
                Format = Format,
            });
    }
}
