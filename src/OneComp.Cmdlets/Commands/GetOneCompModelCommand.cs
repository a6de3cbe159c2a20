using System.Management.Automation;
using OneComp.Hosting;
using OneComp.Models;

namespace OneComp.Commands;

/// <summary>Lists the linear layers of a model with their shapes, types and parameters.</summary>
/// <example><code>Get-OneCompModel ./model | Where-Object Module -Like 'mlp.*'</code></example>
[Cmdlet(VerbsCommon.Get, "OneCompModel")]
[OutputType(typeof(LayerInfo))]
public sealed class GetOneCompModelCommand : OneCompCmdlet
{
    /// <summary>Folder of the model.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    public string[] Model { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var folder in ResolvePaths(Model))
        {
            if (TryRun((_, _) => ModelListing.Of(folder), folder, out var layers))
            {
                WriteObject(layers, enumerateCollection: true);
            }
        }
    }
}
