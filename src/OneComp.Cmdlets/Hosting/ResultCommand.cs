using System.Management.Automation;
using OneComp.Completion;
using OneComp.Hub;
using OneComp.Pipeline;

namespace OneComp.Hosting;

/// <summary>The parameters of cmdlets that look at models: folders or ids, or what a run of this module wrote.</summary>
public abstract class ResultCommand : ModelCmdlet
{
    /// <summary>The parameter set for folders.</summary>
    protected const string FolderSet = "Folder";

    /// <summary>The parameter set for results of runs; tried first, since a result has a Model too, its source.</summary>
    protected const string ResultSet = "Result";

    /// <summary>Folder of the model, or its id on the Hugging Face hub: org/name or org/name@revision.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = FolderSet)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[] Model { get; set; } = [];

    /// <summary>What Invoke-OneCompQuantization or Invoke-OneComp wrote: the quantized model is meant, not its source.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ResultSet)]
    [ValidateNotNull]
    public IQuantizedFolder? InputObject { get; set; }

    /// <summary>The models; one at fault is written as an error and left out.</summary>
    private protected IReadOnlyList<ModelReference> Models => InputObject is { } result ? [ModelReference.ToFolder(result.Destination)] : FindModels(Model);
}
