using System.Management.Automation;
using OneComp.Calibration;
using OneComp.Evaluation;
using OneComp.Hosting;
using OneComp.Hub;
using OneComp.Pipeline;

namespace OneComp.Commands;

/// <summary>Measures how well a model, quantized or not, predicts a text: perplexity, lower is better.</summary>
/// <example><code>Measure-OneCompPerplexity ./model ./text.txt -MaxLength 512</code></example>
/// <example><code>New-GptqQuantizer | Invoke-OneCompQuantization ./model ./q | Measure-OneCompPerplexity -Path ./text.txt</code></example>
[Cmdlet(VerbsDiagnostic.Measure, "OneCompPerplexity", DefaultParameterSetName = ResultSet)] // the default is tried first: a result has a Model too, its source
[OutputType(typeof(PerplexityResult))]
public sealed class MeasureOneCompPerplexityCommand : ModelCmdlet
{
    private const string FolderSet = "Folder";
    private const string ResultSet = "Result";

    /// <summary>Folder of the model, or its id on the Hugging Face hub: org/name or org/name@revision.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = FolderSet)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    public string[] Model { get; set; } = [];

    /// <summary>What Invoke-OneCompQuantization wrote: the quantized model is measured.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ResultSet)]
    [ValidateNotNull]
    public QuantizationResult? InputObject { get; set; }

    /// <summary>Text (.txt, .jsonl, .jsonl.gz, .parquet), or token ids (.safetensors) with a window in each row.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Field or column of the text.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string TextColumn { get; set; } = TextSource.DefaultTextColumn;

    /// <summary>Tensor with the token ids, where the file has several.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TensorName { get; set; }

    /// <summary>Tokens of a window; 2048, or the model's context where that is shorter, when left out.</summary>
    [Parameter]
    [ValidateRange(2, int.MaxValue)]
    public int? MaxLength { get; set; }

    /// <summary>Tokens from one window's start to the next; a whole window when left out.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Stride { get; set; }

    /// <summary>Where to compute: cpu, cuda, cuda:1; the first GPU, or the CPU where there is none, when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Device { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var model in InputObject is { } result ? [ModelReference.ToFolder(result.Destination)] : FindModels(Model))
        {
            var options = new PerplexityOptions
            {
                Model = model.Name,
                Path = ResolvePath(Path),
                TextColumn = TextColumn,
                TensorName = TensorName,
                MaxLength = MaxLength,
                Stride = Stride,
                Device = Device,
            };
            if (TryRun((progress, token) => PerplexityRun.Run(options with { Model = model.Find(ModelNeed.Weights, null, progress, token) }, progress, token), model.Name, out var measured))
            {
                WriteObject(measured! with { Model = model.Name });
            }
        }
    }
}
