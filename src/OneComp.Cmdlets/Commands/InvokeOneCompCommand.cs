using System.Globalization;
using System.Management.Automation;
using OneComp.Completion;
using OneComp.Compression;
using OneComp.Estimation;
using OneComp.Hosting;
using OneComp.Hub;
using OneComp.Models;

namespace OneComp.Commands;

/// <summary>
/// Compresses a model in one go with good defaults: bits that fit the GPU, a plan by AutoBit, GPTQ with error propagation, a workbook and a picture of
/// the plan, and the perplexity of the result.
/// </summary>
/// <example><code>Invoke-OneComp ./model</code></example>
/// <example><code>Invoke-OneComp ./model -WBits 3 -Destination ./model-3bit -EvaluateOriginal</code></example>
[Cmdlet(VerbsLifecycle.Invoke, "OneComp", SupportsShouldProcess = true)]
[OutputType(typeof(CompressionResult), typeof(QuantizationForecast))]
public sealed class InvokeOneCompCommand : RunCommand
{
    /// <summary>Folder of the model, or its id on the Hugging Face hub: org/name or org/name@revision.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string Model { get; set; } = "";

    /// <summary>Folder of the result; the model's name with its bits, at the session's location, when left out. The reports lie beside it.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>Bits per weight, whole or not; those that fit the GPU when left out.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("TargetBit")]
    [ValidateRange(0.1, 16.0)]
    public double? WBits { get; set; }

    /// <summary>Memory in GB (1e9 bytes) of the GPU that serves the model; that of the first GPU of this machine when left out.</summary>
    [Parameter]
    [ValidateRange(0.000001, 1e6)]
    public double? TotalVramGB { get; set; }

    /// <summary>Weights that share a scale; -1 for a scale a row.</summary>
    [Parameter]
    [ValidateRange(-1, 65536)]
    public int GroupSize { get; set; } = 128;

    /// <summary>Leave out error propagation: faster, and a little worse.</summary>
    [Parameter]
    public SwitchParameter NoQep { get; set; }

    /// <summary>Leave out the perplexity of the result.</summary>
    [Parameter]
    public SwitchParameter NoEvaluation { get; set; }

    /// <summary>Measure the perplexity of the original too.</summary>
    [Parameter]
    public SwitchParameter EvaluateOriginal { get; set; }

    /// <summary>Text to measure on (.txt, .jsonl, .jsonl.gz, .parquet, or token ids in .safetensors); English that comes with the module when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var model = FindModel(Model);
        var bits = WBits ?? Run((progress, token) => CompressionBudget.Of(ModelConfig.Load(model.Find(ModelNeed.Config, null, progress, token)), TotalVramGB, GroupSize, progress), model.Name);
        var name = ModelReference.DisplayName(model.Name);
        var options = new CompressionOptions
        {
            Model = model.Name,
            Destination = ResolveDestination(Destination ?? string.Create(CultureInfo.InvariantCulture, $"{name[(name.LastIndexOf('/') + 1)..].Split('@')[0]}-{bits:0.##}bit")),
            TargetBit = bits,
            GroupSize = GroupSize,
            Format = Format,
            Qep = !NoQep,
            Evaluates = !NoEvaluation,
            EvaluatesOriginal = EvaluateOriginal,
            EvaluationPath = Path is { } text ? ResolvePath(text) : null,
            CalibrationPath = ResolvedCalibrationPath,
            TensorName = TensorName,
            NumCalibrationSamples = NumCalibrationSamples,
            MaxLength = MaxLength,
            Seed = Seed,
            Device = Devices,
            MaxGpuMemoryGB = MaxGpuMemoryGB,
            Force = Force,
            Resume = Resume,
            LogPath = ResolvedLogPath,
        };
        var action = string.Create(CultureInfo.InvariantCulture, $"Compress {options.Model} to {bits:0.##} bits per weight into {options.Destination}");
        if (ShouldProcess(action, action + "?", "Invoke-OneComp", out var reason))
        {
            WriteObject(Run((progress, token) => CompressionRun.Run(options with { Model = model.Find(ModelNeed.Weights, null, progress, token) }, progress, token), model.Name) with { Model = model.Name });
        }
        else if (reason == ShouldProcessReason.WhatIf)
        {
            var need = model.MustFetch(ModelNeed.Weights) ? ModelNeed.Config : ModelNeed.Weights;
            WriteObject(Run((progress, token) => CompressionRun.Forecast(options with { Model = model.Find(need, null, progress, token) }, token), model.Name) with { Source = model.Name });
        }
    }
}
