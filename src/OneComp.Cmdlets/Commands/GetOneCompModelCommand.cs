using System.Management.Automation;
using OneComp.Completion;
using OneComp.Hosting;
using OneComp.Hub;
using OneComp.Models;
using OneComp.Progress;

namespace OneComp.Commands;

/// <summary>Lists the linear layers of a model with their shapes, types and parameters.</summary>
/// <example><code>Get-OneCompModel ./model | Where-Object Module -Like 'mlp.*'</code></example>
[Cmdlet(VerbsCommon.Get, "OneCompModel")]
[OutputType(typeof(LayerInfo))]
public sealed class GetOneCompModelCommand : ModelCmdlet
{
    /// <summary>Folder of the model, or its id on the Hugging Face hub: org/name or org/name@revision.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[] Model { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var model in FindModels(Model))
        {
            if (TryRun((progress, token) => Layers(model, progress, token), model.Name, out var layers))
            {
                WriteObject(layers, enumerateCollection: true);
            }
        }
    }

    // The weights of a model on the hub are not fetched for this: their shapes follow from config.json.
    private static IReadOnlyList<LayerInfo> Layers(ModelReference model, IProgress<RunEvent> progress, CancellationToken token)
    {
        var layers = model.MustFetch(ModelNeed.Weights)
            ? ModelListing.OfConfig(model.Find(ModelNeed.Config, null, progress, token))
            : ModelListing.Of(model.Find(ModelNeed.Weights, null, progress, token));
        return [.. layers.Select(layer => layer with { Model = model.Name })];
    }
}
