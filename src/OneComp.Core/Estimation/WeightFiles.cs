using OneComp.Formats;
using OneComp.Safetensors;

namespace OneComp.Estimation;

/// <summary>What tensors take in safetensors files.</summary>
internal static class WeightFiles
{
    private static readonly Dictionary<string, string> Metadata = new() { ["format"] = "pt" };

    /// <summary>Name and size of each file that the tensors make, headers and the index of several files included.</summary>
    public static IReadOnlyList<KeyValuePair<string, long>> Of(IEnumerable<TensorSpec> tensors)
    {
        var files = new List<KeyValuePair<string, long>>();
        var shards = ShardPlan.Of(tensors);
        foreach (var (file, specs) in shards)
        {
            var header = HeaderWriter.Write(specs, Metadata, file, out var entries);
            files.Add(KeyValuePair.Create(file, header.Length + entries.Values.Sum(entry => entry.ByteCount)));
        }

        if (shards.Count > 1)
        {
            var map = shards.SelectMany(shard => shard.Tensors.Select(tensor => (tensor.Name, shard.File))).ToDictionary(pair => pair.Name, pair => pair.File);
            var index = CheckpointFiles.IndexOf(map, shards.Sum(shard => shard.Tensors.Sum(SizeOf)));
            files.Add(KeyValuePair.Create("model.safetensors.index.json", CheckpointFiles.Encode(index).LongLength));
        }

        return files;
    }

    /// <summary>Bytes of a tensor's data.</summary>
    public static long SizeOf(TensorSpec tensor) => tensor.Shape.Aggregate((long)DTypes.SizeOf(tensor.DType), (product, size) => checked(product * size));
}
