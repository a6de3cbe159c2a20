using System.Management.Automation;
using OneComp.Evaluation;
using OneComp.Hosting;
using OneComp.Hub;
using OneComp.Records;

namespace OneComp.Commands;

/// <summary>Measures how well a model, quantized or not, predicts a text: perplexity, lower is better.</summary>
/// <example><code>Measure-OneCompPerplexity ./model ./text.txt -MaxLength 512</code></example>
/// <example><code>New-GptqQuantizer | Invoke-OneCompQuantization ./model ./q | Measure-OneCompPerplexity -Path ./text.txt</code></example>
[Cmdlet(VerbsDiagnostic.Measure, "OneCompPerplexity", DefaultParameterSetName = ResultSet, SupportsShouldProcess = true)]
[OutputType(typeof(PerplexityResult))]
public sealed class MeasureOneCompPerplexityCommand : EvaluationCommand
{
    /// <summary>Add the result to the model card (README.md) and onecomp.json of a folder that was made here.</summary>
    [Parameter]
    public SwitchParameter UpdateModelCard { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var model in Models)
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
                Record(measured!);
                WriteObject(measured! with { Model = model.Name });
            }
        }
    }

    private void Record(PerplexityResult measured)
    {
        if (UpdateModelCard && ShouldProcess(measured.Model, "Add the perplexity to the model card") && !Run((_, token) => RecordedEvaluation.Add(measured, token)))
        {
            WriteWarning($"{measured.Model} has no onecomp.json: it was not made here, and its model card stays as it is.");
        }
    }
}
