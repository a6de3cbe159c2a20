using System.Globalization;
using OneComp.Formats;

namespace OneComp.Export.Gguf;

/// <summary>What a user should know about a GGUF file: what it holds exactly, and what llama.cpp does otherwise.</summary>
internal static class GgufNotes
{
    private const int NamesShown = 5;

    /// <summary>Tells it.</summary>
    /// <param name="source">The quantized model.</param>
    /// <param name="exactTypes">The block type that holds each quantized weight exactly; null where none does.</param>
    /// <param name="fallback">What the others become.</param>
    /// <param name="steps">Where to tell it.</param>
    public static void Report(QuantizedModel source, IReadOnlyDictionary<string, GgufTensorType?> exactTypes, GgufFallback fallback, ExportProgress steps)
    {
        foreach (var type in exactTypes.GroupBy(pair => pair.Value))
        {
            steps.Tell(string.Create(CultureInfo.InvariantCulture, $"{type.Count()} layers as {(type.Key is { } exact ? $"{exact}, exactly" : $"{fallback}, rounded")}."));
        }

        var rounded = exactTypes.Where(pair => pair.Value is null).Select(pair => pair.Key).ToList();
        if (rounded.Count > 0)
        {
            steps.Warn($"{rounded.Count} of {exactTypes.Count} layers fit no block type of GGUF exactly and become {fallback}, from {rounded[0]} on. Blocks are 32 columns of one group: quantize to up to 4 bits with -Sym $true and a group size that is a multiple of 32, without act-order (or with -StaticGroup), and without DBF.");
        }

        if (source.Model.Config.SlidingWindow is { } window && window < source.Model.Config.MaxPositionEmbeddings)
        {
            steps.Warn($"llama.cpp runs this architecture without its sliding window: results differ beyond {window} tokens.");
        }

        var known = source.Model.Topology.Tensors.Select(tensor => tensor.Name).ToHashSet();
        var left = source.Model.Checkpoint.Tensors.Keys
            .Where(name => source.LayerOf(name) is null && !known.Contains(name))
            .Order(StringComparer.Ordinal)
            .ToList();
        if (left.Count > 0)
        {
            steps.Warn($"{left.Count} tensors have no place in llama.cpp's architecture, which refuses unknown ones, and are left out: {string.Join(", ", left.Take(NamesShown))}{(left.Count > NamesShown ? ", ..." : "")}.");
        }
    }
}
