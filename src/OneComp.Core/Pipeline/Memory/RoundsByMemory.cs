using OneComp.Calibration;
using OneComp.Models;
using OneComp.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Pipeline.Memory;

/// <summary>
/// How often the calibration windows are rewritten when nobody says: as often as quality asks for, as far as the windows' states have
/// room. On a GPU's memory that costs a reading for each; in main memory states also go back and forth, so that less is asked for.
/// </summary>
internal static class RoundsByMemory
{
    private const double DeviceShare = 0.4;    // of a GPU: what DevicePlan lets states have, less what is taken already
    private const double HostShare = 1.0 / 3;  // of main memory
    private const double HostGrowth = 1.6;     // what the C library keeps beside (docs/performance.md)

    /// <summary>Rounds for a run.</summary>
    /// <param name="config">The model.</param>
    /// <param name="topology">Its layers.</param>
    /// <param name="tokens">Tokens of the calibration windows.</param>
    /// <param name="propagates">Whether errors are propagated.</param>
    /// <param name="devices">Where to compute.</param>
    public static int For(ModelConfig config, ModelTopology topology, long tokens, bool propagates, IReadOnlyList<Device> devices)
    {
        var channels = topology.Layers.Where(layer => layer.Block >= 0).Max(layer => layer.InFeatures);
        var elementBytes = (int)ComputeType.For(devices[0], config.TorchDType).ElementSize();
        var bytes = tokens * DeviceMemory.StatesPerToken(config, elementBytes, propagates, devices.Count > 1);
        var host = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * HostShare;
        return devices[0].type == DeviceType.CUDA
            ? On(devices.Sum(UsableOn) * DeviceShare, host, bytes, tokens, channels)
            : Math.Min(WindowResampler.RoundsFor(tokens, channels), Fitting(host, bytes * HostGrowth));
    }

    /// <summary>Rounds on GPUs.</summary>
    /// <param name="room">Bytes for states on all GPUs.</param>
    /// <param name="host">The same in main memory.</param>
    /// <param name="bytes">Bytes of the states of the windows as they are.</param>
    /// <param name="tokens">Tokens of the windows.</param>
    /// <param name="channels">Input channels of the widest layer.</param>
    internal static int On(double room, double host, long bytes, long tokens, int channels) => Math.Max(
        Math.Min(WindowResampler.RoundsFor(tokens, channels), Fitting(room, bytes)),
        Math.Min(WindowResampler.FewRoundsFor(tokens, channels), Fitting(host, bytes)));

    private static int Fitting(double room, double bytes) => (int)Math.Clamp((room / bytes) - 1, 0, int.MaxValue);

    private static double UsableOn(Device device) =>
        ComputeDevices.Find(device) is { } gpu ? Math.Min(GpuMemoryLimit.Bytes ?? gpu.UsableMemoryBytes, gpu.TotalMemoryBytes) : 0;
}
