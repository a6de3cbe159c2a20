using System.Globalization;
using OneComp.Models;
using OneComp.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Tuning;

/// <summary>Consecutive blocks that are tuned at once, and the file that gets what came of it before the checkpoint does.</summary>
/// <param name="Path">The file.</param>
/// <param name="First">First block.</param>
/// <param name="Last">Last block.</param>
internal sealed record TunedPart(string Path, int First, int Last)
{
    private const int BytesPerWeight = 13;
    private const string Prefix = "tuned-";

    /// <summary>The parts that were tuned before, in order.</summary>
    /// <param name="folder">The run's folder.</param>
    public static IReadOnlyList<TunedPart> In(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, Prefix + "*.safetensors")
            .Select(path => (Path: path, Blocks: System.IO.Path.GetFileNameWithoutExtension(path)[Prefix.Length..].Split('-')))
            .Where(file => file.Blocks.Length == 2)
            .Select(file => new TunedPart(file.Path, Number(file.Blocks[0]), Number(file.Blocks[1])))
            .Where(part => part.First >= 0 && part.Last >= part.First)
            .OrderBy(part => part.First),
    ];

    /// <summary>Blocks in as few parts as memory allows, at least one block to each.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="layers">The layers to tune, in order.</param>
    /// <param name="bytes">What a part may take.</param>
    public static IEnumerable<TunedPart> Of(string folder, IEnumerable<LinearLayer> layers, long bytes)
    {
        (int First, int Last, long Bytes)? part = null;
        foreach (var block in layers.GroupBy(layer => layer.Block))
        {
            var taken = Bytes(block);
            if (part is { } full && (full.Bytes + taken > bytes || block.Key != full.Last + 1))
            {
                yield return new TunedPart(PathOf(folder, full.First, full.Last), full.First, full.Last);
                part = null;
            }

            part = part is { } open ? (open.First, block.Key, open.Bytes + taken) : (block.Key, block.Key, taken);
        }

        if (part is { } last)
        {
            yield return new TunedPart(PathOf(folder, last.First, last.Last), last.First, last.Last);
        }
    }

    /// <summary>Half of what is free where the work is: the rest is for a block's weights, gradients and a batch.</summary>
    public static long Room(Device device) => (device.type == DeviceType.CUDA && ComputeDevices.Find(device) is { } gpu
        ? GpuMemoryLimit.Within(gpu.FreeMemoryBytes)
        : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) / 2;

    /// <summary>What tuning keeps of layers.</summary>
    public static long Bytes(IEnumerable<LinearLayer> layers) => BytesPerWeight * layers.Sum(layer => layer.WeightCount);

    /// <summary>True for a layer of these blocks.</summary>
    public bool Holds(LinearLayer layer) => layer.Block >= First && layer.Block <= Last;

    private static string PathOf(string folder, int first, int last) =>
        System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{first}-{last}.safetensors"));

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
