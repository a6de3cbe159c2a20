using System.Management.Automation;
using OneComp.Evaluation;
using OneComp.Hosting;

namespace OneComp.Commands;

/// <summary>Measures how well a model, quantized or not, predicts a text: perplexity, lower is better.</summary>
/// <example><code>Measure-OneCompPerplexity ./model ./text.txt -MaxLength 512</code></example>
/// <example><code>New-GptqQuantizer | Invoke-OneCompQuantization ./model ./q | Measure-OneCompPerplexity -Path ./text.txt</code></example>
[Cmdlet(VerbsDiagnostic.Measure, "OneCompPerplexity", DefaultParameterSetName = ResultSet)]
[OutputType(typeof(PerplexityResult))]
public sealed class MeasureOneCompPerplexityCommand : EvaluationCommand
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var folder in Folders)
        {
            var options = new PerplexityOptions
            {
                Model = folder,
                Path = ResolvePath(Path),
                TextColumn = TextColumn,
                TensorName = TensorName,
                MaxLength = MaxLength,
                Stride = Stride,
                Device = Device,
            };
            if (TryRun((progress, token) => PerplexityRun.Run(options, progress, token), folder, out var measured))
            {
                WriteObject(measured);
            }
        }
    }
}
