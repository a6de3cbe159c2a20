using OneComp.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>Which device works on which batch of windows, how many windows go together, and where what flows between blocks is kept.</summary>
/// <param name="Devices">The devices; batches go to them in equal runs.</param>
internal sealed record StatesPlacement(IReadOnlyList<Device> Devices)
{
    // Enough for matrix products to run at full rate; more only takes memory.
    private const int TokensPerCpuBatch = 1024;
    private const int TokensPerGpuBatch = 8192;

    // Of the GPU's free memory: error propagation keeps two sets of states, and inside the MLP each is several times as wide.
    private const int HomeShare = 16;

    /// <summary>Most tokens of a batch; null for what the kind of device wants.</summary>
    public int? TokensPerBatch { get; init; }

    /// <summary>Bytes of states that a device may keep; null for a sixteenth of its free memory.</summary>
    public long? BytesOnDevice { get; init; }

    /// <summary>One device alone.</summary>
    public static implicit operator StatesPlacement(Device device) => new([device]);

    /// <summary>Most tokens of a batch on a device.</summary>
    public static int TokensFor(Device device) => device.type == DeviceType.CPU ? TokensPerCpuBatch : TokensPerGpuBatch;

    /// <summary>Windows that go together, whatever the number of devices: what a batch gives does not depend on it then.</summary>
    /// <param name="length">Tokens of a window.</param>
    public int WindowsPerBatch(int length) => Math.Max(1, (TokensPerBatch ?? TokensFor(Devices[0])) / length);

    /// <summary>The device of each batch, by its place in <see cref="Devices"/>.</summary>
    public int[] OwnersOf(int batches) => [.. Enumerable.Range(0, batches).Select(batch => (int)((long)batch * Devices.Count / batches))];

    /// <summary>Whether states are kept on the devices, which share them.</summary>
    /// <param name="bytes">Bytes of all states.</param>
    public bool KeepsOnDevices(long bytes)
    {
        if (Devices[0].type != DeviceType.CUDA)
        {
            return false;
        }

        var share = (bytes + Devices.Count - 1) / Devices.Count;
        if (BytesOnDevice is { } most)
        {
            return share <= most;
        }

        var known = ComputeDevices.List();
        return Devices.All(device => known.FirstOrDefault(gpu => gpu.Name == $"cuda:{Math.Max(device.index, 0)}") is { } gpu && share <= gpu.FreeMemoryBytes / HomeShare);
    }
}
