using System.Text.Json.Nodes;
using OneComp.Formats;
using OneComp.Safetensors;

namespace OneComp.Export;

/// <summary>
/// Writes a safetensors checkpoint from a quantized one: each quantized layer as its target says, everything else byte for byte.
/// Holds one layer at a time.
/// </summary>
internal sealed class SafetensorsExport(QuantizedModel source, IReadOnlyList<LayerTarget> targets)
{
    private readonly Dictionary<string, LayerTarget> _byLayer = targets.ToDictionary(target => target.Layer.Name);

    /// <summary>Writes weights, config.json and what else lies beside them.</summary>
    /// <param name="folder">There and empty.</param>
    /// <param name="config">config.json.</param>
    /// <param name="report">Told of each layer before it is written.</param>
    /// <param name="token">Asked before each tensor.</param>
    /// <param name="maxShardBytes">Largest file.</param>
    public void Write(string folder, JsonObject config, Action<LayerTarget> report, CancellationToken token, long maxShardBytes = ShardPlan.MaxShardBytes)
    {
        using var shards = ShardSet.Create(folder, Specs(), maxShardBytes);
        foreach (var target in targets)
        {
            token.ThrowIfCancellationRequested();
            report(target);
            using var weight = source.Read(target.Layer);
            target.Write(weight, shards.FileOf);
        }

        foreach (var entry in InFileOrder().Where(entry => source.LayerOf(entry.Name) is null))
        {
            shards.Copy(source.Model.Checkpoint, entry, token);
        }

        shards.Commit();
        CheckpointFiles.CopySideFiles(source.Model.Checkpoint.Folder, folder);
        CheckpointFiles.WriteConfig(config, folder);
    }

    private IEnumerable<TensorSpec> Specs()
    {
        var done = new HashSet<string>();
        foreach (var entry in InFileOrder())
        {
            if (source.LayerOf(entry.Name) is not { } layer)
            {
                yield return new TensorSpec(entry.Name, entry.DType, entry.Shape);
            }
            else if (done.Add(layer.Name))
            {
                foreach (var spec in _byLayer[layer.Name].Specs)
                {
                    yield return spec;
                }
            }
        }
    }

    private IEnumerable<TensorEntry> InFileOrder() => source.Model.Checkpoint.Tensors.Values
        .OrderBy(entry => entry.File, StringComparer.Ordinal)
        .ThenBy(entry => entry.Offset);
}
