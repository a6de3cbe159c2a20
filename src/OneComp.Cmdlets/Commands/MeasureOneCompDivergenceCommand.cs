using System.Management.Automation;
using OneComp.Completion;
using OneComp.Evaluation;
using OneComp.Hosting;
using OneComp.Hub;
using OneComp.Progress;

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
    /// <summary>The model that it was made from, a folder or an id; what a result says, when left out.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FolderSet)]
    [Parameter(ParameterSetName = ResultSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string Reference { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var reference = Reference.Length > 0 ? FindModel(Reference)
            : Directory.Exists(InputObject!.Model) ? ModelReference.ToFolder(InputObject.Model) // not a pattern, whatever it holds
            : FindModel(InputObject.Model);
        foreach (var model in Models)
        {
            var options = new DivergenceOptions
            {
                Model = model.Name,
                Reference = reference.Name,
                Path = ResolvePath(Path),
                TextColumn = TextColumn,
                TensorName = TensorName,
                MaxLength = MaxLength,
                Stride = Stride,
                Device = Device,
            };
            if (TryRun((progress, token) => DivergenceRun.Run(Found(options, model, reference, progress, token), progress, token), model.Name, out var measured))
            {
                WriteObject(measured! with { Model = model.Name, Reference = reference.Name });
            }
        }
    }

    private static DivergenceOptions Found(DivergenceOptions options, ModelReference model, ModelReference reference, IProgress<RunEvent> progress, CancellationToken token) => options with
    {
        Model = model.Find(ModelNeed.Weights, null, progress, token),
        Reference = reference.Find(ModelNeed.Weights, null, progress, token),
    };
}
