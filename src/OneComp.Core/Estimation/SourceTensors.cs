using OneComp.Models;
using OneComp.Safetensors;

namespace OneComp.Estimation;

/// <summary>A model to be quantized, without its weights: config.json, and each tensor with the type that it is stored in.</summary>
internal sealed class SourceTensors
{
    private SourceTensors(ModelConfig config, ModelTopology topology, bool hasWeights)
    {
        (Config, Topology, HasWeights) = (config, topology, hasWeights);
        Stored = hasWeights ? OfHeaders(config.Folder) : OfConfig(config, topology);
    }

    public ModelConfig Config { get; }

    public ModelTopology Topology { get; }

    /// <summary>False where the folder holds config.json alone, as that of a model on the hub that was not fetched.</summary>
    public bool HasWeights { get; }

    /// <summary>The tensors in the order of the files; in that of the forward pass where the folder has no weights.</summary>
    public IReadOnlyList<TensorSpec> Stored { get; }

    /// <summary>
    /// Reads config.json, and the headers of the weights where they are there: only those say for certain which types tensors have.
    /// </summary>
    /// <exception cref="ModelException">config.json cannot be used.</exception>
    /// <exception cref="SafetensorsException">The weights' headers cannot be used.</exception>
    public static SourceTensors Read(ModelConfig config) => new(config, ModelTopology.Of(config), Holds(config.Folder));

    private static bool Holds(string folder)
    {
        var index = Path.Combine(folder, "model.safetensors.index.json");
        return File.Exists(index)
            ? ShardIndex.Read(index).Values.Distinct().All(shard => File.Exists(Path.Combine(folder, shard)))
            : File.Exists(Path.Combine(folder, "model.safetensors"));
    }

    private static List<TensorSpec> OfHeaders(string folder)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return [.. checkpoint.Tensors.Values
            .OrderBy(entry => entry.File, StringComparer.Ordinal)
            .ThenBy(entry => entry.Offset)
            .Select(entry => new TensorSpec(entry.Name, entry.DType, entry.Shape))];
    }

    private static List<TensorSpec> OfConfig(ModelConfig config, ModelTopology topology) =>
        [.. topology.Tensors.Select(tensor => new TensorSpec(tensor.Name, config.TorchDType ?? DType.F16, tensor.Shape))];
}
