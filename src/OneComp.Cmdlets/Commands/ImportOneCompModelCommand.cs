using System.Management.Automation;
using OneComp.Formats;
using OneComp.Hosting;
using OneComp.Hub;

namespace OneComp.Commands;

/// <summary>
/// Reads what a quantized folder holds, made here or by others: gptq (v1 and v2), mixed_gptq, dbf, and symmetric compressed-tensors. What
/// is not understood is named.
/// </summary>
/// <example><code>Import-OneCompModel ./q</code></example>
/// <example><code>Import-OneCompModel ./q -Layer | Where-Object Bits -lt 4</code></example>
[Cmdlet(VerbsData.Import, "OneCompModel", DefaultParameterSetName = ResultSet)]
[OutputType(typeof(QuantizedModelInfo), typeof(QuantizedLayerInfo))]
public sealed class ImportOneCompModelCommand : ResultCommand
{
    /// <summary>A row for each quantized layer instead of one for the folder.</summary>
    [Parameter]
    public SwitchParameter Layer { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var model in Models)
        {
            if (TryRun<object>((progress, token) => Read(model.Find(ModelNeed.Weights, null, progress, token), token), model.Name, out var read))
            {
                WriteObject(read, enumerateCollection: true);
            }
        }
    }

    private object Read(string folder, CancellationToken token) => Layer ? ModelImport.Layers(folder, token) : ModelImport.Read(folder, token);
}
