using OneComp.Progress;
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
    internal const int TokensPerGpuBatch = 8192;

    // Of the GPU's free memory: error propagation keeps two sets of states, and inside the MLP each is several times as wide.
    private const int HomeShare = 16;

    /// <summary>Most tokens of a batch; null for what the kind of device wants.</summary>
    public int? TokensPerBatch { get; init; }

    /// <summary>Whether states are kept on the devices; null for where they take up to a sixteenth of what is free.</summary>
    public bool? KeepsStates { get; init; }

    /// <summary>Told where memory runs out and windows are taken in parts from then on; null for nobody.</summary>
    public IProgress<RunEvent>? Progress { get; init; }

    /// <summary>One device alone.</summary>
    public static implicit operator StatesPlacement(Device device) => new([device]);

    /// <summary>Devices with batches that take at most a quarter of the memory that a limit leaves.</summary>
    /// <param name="devices">The devices.</param>
    /// <param name="bytesPerToken">What a token of a batch takes.</param>
    public static StatesPlacement Within(IReadOnlyList<Device> devices, long bytesPerToken) => new(devices)
    {
        TokensPerBatch = devices[0].type == DeviceType.CUDA && GpuMemoryLimit.Bytes is { } most ? (int)Math.Clamp(most / 4 / bytesPerToken, 1, TokensPerGpuBatch) : null,
    };

    /// <summary>Bytes of a GPU that the inputs of blocks may take which a pass back needs again: a quarter of a limit, or half of what is free.</summary>
    public static long RoomForInputs(long available) => GpuMemoryLimit.Bytes is { } most ? most / 4 : available / 2;

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
        if (KeepsStates is { } decided)
        {
            return decided;
        }

        return Devices.All(device => ComputeDevices.Find(device) is { } gpu && share <= GpuMemoryLimit.Within(gpu.FreeMemoryBytes) / HomeShare);
    }
}
