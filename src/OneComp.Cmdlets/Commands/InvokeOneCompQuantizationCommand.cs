using System.Management.Automation;
using OneComp.Binding;
using OneComp.Calibration;
using OneComp.Completion;
using OneComp.Estimation;
using OneComp.Export;
using OneComp.Hosting;
using OneComp.Hub;
using OneComp.Pipeline;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Tuning;

namespace OneComp.Commands;

/// <summary>Quantizes a model into a new folder that inference servers load.</summary>
/// <example><code>New-GptqQuantizer -WBits 4 | Invoke-OneCompQuantization ./model -Destination ./model-4bit</code></example>
/// <example><code>Get-OneCompVramEstimate ./model -TotalVramGB 8 | New-AutoBitQuantizer | Invoke-OneCompQuantization -Destination ./q</code></example>
/// <example><code>New-AutoBitQuantizer 3 | Invoke-OneCompQuantization ./model ./q -WhatIf</code></example>
/// <example><code>New-AutoBitQuantizer 3 | Invoke-OneCompQuantization ./model ./q -Assignment (Import-OneCompAssignment ./plan.xlsx)</code></example>
[Cmdlet(VerbsLifecycle.Invoke, "OneCompQuantization", SupportsShouldProcess = true)]
[OutputType(typeof(QuantizationResult), typeof(QuantizationForecast))]
public sealed class InvokeOneCompQuantizationCommand : RunCommand
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

    /// <summary>Folder of the result. It appears when the run is done, whole.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    /// <summary>
    /// Rows that say what each layer gets, as Get-OneCompAssignment or Import-OneCompAssignment give them. They are carried out as
    /// they are, or refused with every fault: -Quantizer gives the candidates, which a row names by its bits and group size. A
    /// layer without a row stays as it is. A budget of the quantizer is held against the rows.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public LayerAssignment[]? Assignment { get; set; }

    /// <summary>GPUs that a server will divide each layer over; layers that cannot be divided so are named before the long work.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int TensorParallel { get; set; } = 1;

    /// <summary>
    /// $true to propagate errors (QEP): each layer is calibrated on what the quantized layers before it give, and corrected towards the
    /// full-precision output. It acts where a layer is calibrated; plans of round-to-nearest alone need no text.
    /// </summary>
    [Parameter]
    public bool Qep { get; set; } = true;

    /// <summary>Damping of the Hessian in the correction of -Qep, as a share of its mean diagonal.</summary>
    [Parameter]
    public double QepPercDamp { get; set; } = 0.01;

    /// <summary>Share of the correction of -Qep that is applied, 0 to 1.</summary>
    [Parameter]
    public double QepPercCorr { get; set; } = 0.5;

    /// <summary>Parts of names of layers that -Qep does not correct.</summary>
    [Parameter]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(LayerKeywordCompleter))]
    public string[] QepExcludeKeyword { get; set; } = [];

    /// <summary>
    /// Rounds in which the model rewrites the calibration windows, each token drawn from its own distribution; layers are quantized with all
    /// that come of it. When left out, as many as give each input channel of the widest layer 40 tokens, at most 3; 0 for the text alone.
    /// </summary>
    [Parameter]
    [ValidateRange(0, 1000)]
    public int? ResampleRounds { get; set; }

    /// <summary>
    /// Steps that tune scales and codes of the finished model towards the outputs of the original; 0 for none. When left out, as many as the
    /// quantizer asks for: 512 in the preset Best, else none.
    /// </summary>
    [Parameter]
    [ValidateRange(0, 100000)]
    public int? TuneSteps { get; set; }

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
        var options = new QuantizationOptions
        {
            Model = model.Name,
            Quantizer = Quantizer,
            Destination = ResolveDestination(Destination),
            Assignment = Assignment,
            CalibrationPath = ResolvedCalibrationPath,
            TextColumn = TextColumn,
            TensorName = TensorName,
            CalibrationStrategy = CalibrationStrategy,
            NumCalibrationSamples = NumCalibrationSamples,
            MaxLength = MaxLength,
            Seed = Seed,
            Device = Devices,
            MaxGpuMemoryGB = MaxGpuMemoryGB,
            Qep = Qep ? new ErrorPropagation { PercDamp = QepPercDamp, PercCorr = QepPercCorr, ExcludeKeywords = QepExcludeKeyword } : null,
            ResampleRounds = ResampleRounds,
            Tuning = TuneSteps is { } steps ? new TuningOptions { Steps = steps } : null,
            Force = Force,
            Resume = Resume,
            LogPath = ResolvedLogPath,
        };
        var export = new ExportOptions { Model = options.Model, Destination = options.Destination, Format = Format, TensorParallel = TensorParallel };
        if (ShouldProcess($"Quantize {options.Model} with {Quantizer.Name} into {options.Destination}", $"Quantize {options.Model} with {Quantizer.Name} into {options.Destination}?", "Invoke-OneCompQuantization", out var reason))
        {
            var result = Run((progress, token) => QuantizeAndExport.Run(model, Preflight.Of(options, export), export, progress, token), options.Model);
            WriteObject(result with { Model = model.Name });
        }
        else if (reason == ShouldProcessReason.WhatIf)
        {
            WriteObject(Run((progress, token) => Forecast(options, export, model, progress, token), options.Model));
        }
    }

    // The weights of a model on the hub are not fetched for this.
    private static QuantizationForecast Forecast(QuantizationOptions options, ExportOptions export, ModelReference model, IProgress<RunEvent> progress, CancellationToken token)
    {
        var need = model.MustFetch(ModelNeed.Weights) ? ModelNeed.Config : ModelNeed.Weights;
        return Forecaster.Of(options with { Model = model.Find(need, null, progress, token) }, export, token) with { Source = model.Name };
    }
}
