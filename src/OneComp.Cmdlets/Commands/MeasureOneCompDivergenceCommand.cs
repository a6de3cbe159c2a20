using System.Management.Automation;
using OneComp.Evaluation;
using OneComp.Hosting;

namespace OneComp.Commands;

/// <summary>
/// Measures how far a quantized model lies from the one it was made from: the mean Kullback-Leibler divergence of its next-token
/// distributions, how often both find the same token most probable, and the perplexity of both. A sharper measure than perplexity alone.
/// </summary>
/// <example><code>Measure-OneCompDivergence ./q ./text.txt -Reference ./model -MaxLength 512</code></example>
/// <example><code>New-GptqQuantizer | Invoke-OneCompQuantization ./model ./q | Measure-OneCompDivergence -Path ./text.txt</code></example>
[Cmdlet(VerbsDiagnostic.Measure, "OneCompDivergence", DefaultParameterSetName = ResultSet)]
[OutputType(typeof(DivergenceResult))]
public sealed class MeasureOneCompDivergenceCommand : EvaluationCommand
{
    /// <summary>Folder of the model that it was made from; what a result says, when left out.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FolderSet)]
    [Parameter(ParameterSetName = ResultSet)]
    [ValidateNotNullOrEmpty]
    public string Reference { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var reference = Reference.Length > 0 ? ResolvePath(Reference) : InputObject!.Model;
        foreach (var folder in Folders)
        {
            var options = new DivergenceOptions
            {
                Model = folder,
                Reference = reference,
                Path = ResolvePath(Path),
                TextColumn = TextColumn,
                TensorName = TensorName,
                MaxLength = MaxLength,
                Stride = Stride,
                Device = Device,
            };
            if (TryRun((progress, token) => DivergenceRun.Run(options, progress, token), folder, out var measured))
            {
                WriteObject(measured);
            }
        }
    }
}
