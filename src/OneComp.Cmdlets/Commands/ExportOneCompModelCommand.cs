using System.Management.Automation;
using OneComp.Completion;
using OneComp.Export;
using OneComp.Hosting;
using OneComp.Hub;

namespace OneComp.Commands;

/// <summary>Writes a quantized model in another form: for vLLM, llama.cpp, or any loader of Hugging Face models.</summary>
/// <example><code>Export-OneCompModel ./q -Destination ./served -Format CompressedTensors</code></example>
/// <example><code>New-GptqQuantizer -GroupSize 32 | Invoke-OneCompQuantization ./model ./q | Export-OneCompModel -Destination ./gguf -Format Gguf</code></example>
[Cmdlet(VerbsData.Export, "OneCompModel", SupportsShouldProcess = true, DefaultParameterSetName = ResultSet)] // the default is tried first: a result has a Model too, its source
[OutputType(typeof(ExportResult))]
public sealed class ExportOneCompModelCommand : ModelCmdlet
{
    private const string FolderSet = "Folder";
    private const string ResultSet = "Result";

    /// <summary>Folder of the quantized model, or its id on the Hugging Face hub.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = FolderSet)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string Model { get; set; } = "";

    /// <summary>What Invoke-OneCompQuantization wrote: the quantized model is exported.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ResultSet)]
    [ValidateNotNull]
    public Pipeline.IQuantizedFolder? InputObject { get; set; }

    /// <summary>Folder of the result. It appears when the export is done, whole.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    /// <summary>
    /// Gptq (mixed_gptq, dbf): everything. CompressedTensors: symmetric layers without act-order. Gguf: layers that fit a block type
    /// exactly, others by -Fallback. Dequantized: plain half-precision weights.
    /// </summary>
    [Parameter(Mandatory = true, Position = 2)]
    public ExportFormat Format { get; set; }

    /// <summary>Gguf: F16 or Q8_0 for layers that fit no block type exactly, and for embedding and head.</summary>
    [Parameter]
    public GgufFallback Fallback { get; set; } = GgufFallback.F16;

    /// <summary>Gguf: llama.cpp's name of the pre-tokenizer (tokenizer.ggml.pre), where it is not recognised.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? PreTokenizer { get; set; }

    /// <summary>Dequantized: F16 or BF16; the model's own when left out.</summary>
    [Parameter]
    public DenseType DenseType { get; set; } = DenseType.Auto;

    /// <summary>Gptq and CompressedTensors: GPUs that a server divides each layer over; groups are divided, exactly, where they do not fit.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int TensorParallel { get; set; } = 1;

    /// <summary>Replace what is at the destination.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var model = InputObject is { } result ? ModelReference.ToFolder(result.Destination) : FindModel(Model);
        var options = new ExportOptions
        {
            Model = model.Name,
            Destination = ResolveDestination(Destination),
            Format = Format,
            Fallback = Fallback,
            PreTokenizer = PreTokenizer,
            DenseType = DenseType,
            TensorParallel = TensorParallel,
            Force = Force,
        };
        if (ShouldProcess(options.Destination, $"Export {options.Model} to {Format}"))
        {
            WriteObject(Run((progress, token) => ExportRun.Run(options with { Model = model.Find(ModelNeed.Weights, null, progress, token) }, progress, token), options.Model));
        }
    }
}
