using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using TorchSharp;

namespace OneComp.Runtime;

/// <summary>
/// The memory that the tensor library keeps of each GPU when tensors are freed, so that it need not ask again. Other programs want it when a
/// run is done or stopped.
/// </summary>
internal sealed class GpuPool : IDisposable
{
    // More than any GPU has. There is no call that empties the pool, but an allocation that fails has emptied it first.
    private const long ImpossibleBytes = 1L << 46;
    private static readonly ConcurrentDictionary<string, torch.Device> Used = [];
    private static volatile bool _ranOut;

    /// <summary>Notes that a device is about to be worked on.</summary>
    public static torch.Device Use(torch.Device device)
    {
        if (device.type == DeviceType.CUDA)
        {
            Used[device.ToString()] = device;
        }

        return device;
    }

    /// <summary>Gives free memory of the GPUs that were worked on back to the system. Tensors that are in use stay.</summary>
    public static void Empty()
    {
        foreach (var name in Used.Keys)
        {
            if (Used.TryRemove(name, out var device))
            {
                Empty(device);
            }
        }
    }

    /// <summary>The same of one GPU while a limit holds, between steps that need memory in other sizes: what is kept counts as taken.</summary>
    public static void EmptyUnderLimit(torch.Device device)
    {
        if (device.type == DeviceType.CUDA && GpuMemoryLimit.Bytes is not null)
        {
            Empty(device);
        }
    }

    /// <summary>Gives a GPU's free memory back.</summary>
    public static void Empty(torch.Device device)
    {
        try
        {
            torch.empty(ImpossibleBytes, dtype: torch.ScalarType.Byte, device: device).Dispose();
        }
        catch (ExternalException)
        {
            // As it should be.
        }
    }

    /// <summary>Notes that work ended for want of memory.</summary>
    public static void RanOut() => _ranOut = true;

    /// <summary>At the end of a run. What was on its way when memory ran out may belong to nobody: it is collected first.</summary>
    public void Dispose()
    {
        if (_ranOut)
        {
            _ranOut = false;
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Empty();
    }
}
