using System.Diagnostics;
using OneComp.Benchmarks.Measuring;
using OneComp.Calibration;
using OneComp.Formats;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.EndToEnd;

/// <summary>The forward and backward pass that layers are rated by, without candidates or a solver.</summary>
internal static class StatisticsPass
{
    /// <summary>Seconds of one pass over the model at <paramref name="folder"/>, after one to warm up.</summary>
    public static double Seconds(string folder, Device device)
    {
        using var model = ModelFolder.OpenSource(folder);
        var windows = TokenIdFile.Read(RandomModel.IdsPath(folder));
        var pass = new SensitivityPass(model, windows, device, ComputeType.For(device, model.Config.TorchDType));
        pass.Run((_, _) => { }, null, default);
        var clock = Stopwatch.StartNew();
        pass.Run((_, _) => { }, null, default);
        DeviceClock.Wait(device);
        return clock.Elapsed.TotalSeconds;
    }
}
