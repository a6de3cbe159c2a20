using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Pipeline.Memory;

/// <summary>What a run may take of each GPU of several: of the one that has least.</summary>
/// <param name="Available">Bytes that it can count on now.</param>
/// <param name="Total">Bytes that there are, free or not, or a limit where that is less: the same in every run.</param>
internal readonly record struct GpuRoom(long Available, long Total)
{
    /// <summary>The room on GPUs, under the limit that holds.</summary>
    public static GpuRoom Of(IEnumerable<Device> gpus)
    {
        var limit = GpuMemoryLimit.Bytes;
        var found = gpus.Select(ComputeDevices.Find).OfType<ComputeDevice>().ToList();
        return found.Count == 0
            ? new GpuRoom(long.MaxValue, long.MaxValue)
            : new GpuRoom(found.Min(gpu => Math.Min(limit ?? gpu.UsableMemoryBytes, gpu.TotalMemoryBytes)), found.Min(gpu => GpuMemoryLimit.Within(gpu.TotalMemoryBytes)));
    }
}
