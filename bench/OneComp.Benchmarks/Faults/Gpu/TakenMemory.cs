using OneComp.Benchmarks.Measuring;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Faults.Gpu;

/// <summary>Takes a GPU's memory away as another program would: what the tensor library keeps for itself is given back first, so that it has to ask the driver, which has no more.</summary>
internal sealed class TakenMemory(Device device, GpuMemory memory) : IShortage
{
    private const long Smallest = 1 << 20;
    private readonly List<ulong> _taken = [];
    private readonly Lock _gate = new();

    public void Begin(long leave)
    {
        DeviceClock.Wait(device);
        GpuPool.Empty(device);
        lock (_gate)
        {
            for (var piece = memory.Bytes().Free - leave; piece >= Smallest;)
            {
                if (memory.Take(piece) is var address and > 0)
                {
                    _taken.Add(address);
                    piece = memory.Bytes().Free - leave; // the run's own threads go on meanwhile
                }
                else
                {
                    piece -= Math.Max(Smallest, piece / 8);
                }
            }
        }
    }

    public void End()
    {
        lock (_gate)
        {
            _taken.ForEach(memory.Release);
            _taken.Clear();
        }
    }

    public long FreeBytes()
    {
        GpuPool.Empty(device);
        return memory.Bytes().Free;
    }
}
