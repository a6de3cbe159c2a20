using System.Globalization;
using OneComp.Safetensors;

namespace OneComp.Formats;

/// <summary>Divides tensors, in their order, over files of limited size.</summary>
internal static class ShardPlan
{
    /// <summary>Largest file, unless one tensor alone is larger.</summary>
    public const long MaxShardBytes = 4L << 30;

    /// <summary>File name and tensors of each shard; one file is <c>model.safetensors</c>, several are numbered.</summary>
    public static IReadOnlyList<(string File, IReadOnlyList<TensorSpec> Tensors)> Of(IEnumerable<TensorSpec> tensors, long maxBytes = MaxShardBytes)
    {
        var shards = new List<List<TensorSpec>> { new() };
        long filled = 0;
        foreach (var tensor in tensors)
        {
            var bytes = tensor.Shape.Aggregate((long)DTypes.SizeOf(tensor.DType), (product, size) => product * size);
            if (filled > 0 && filled + bytes > maxBytes)
            {
                shards.Add([]);
                filled = 0;
            }

            shards[^1].Add(tensor);
            filled += bytes;
        }

        return [.. shards.Select((shard, index) => (NameOf(index, shards.Count), (IReadOnlyList<TensorSpec>)shard))];
    }

    private static string NameOf(int index, int count) => count == 1
        ? "model.safetensors"
        : string.Create(CultureInfo.InvariantCulture, $"model-{index + 1:00000}-of-{count:00000}.safetensors");
}
