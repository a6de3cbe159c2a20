using OneComp.Runtime;

namespace OneComp.Benchmarks.EndToEnd;

/// <summary>The least memory that was free on a device while it watched, read every few milliseconds.</summary>
internal sealed class FreeMemoryWatch : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _task;
    private readonly string _device;
    private long _least = long.MaxValue;

    public FreeMemoryWatch(TorchSharp.torch.Device device)
    {
        _device = device.type == TorchSharp.DeviceType.CPU ? "cpu" : $"cuda:{Math.Max(device.index, 0)}";
        _task = Task.Run(WatchAsync);
    }

    /// <summary>Most bytes in use, those of other programs counted.</summary>
    public long PeakBytes => Describe().TotalMemoryBytes - Math.Min(_least, Describe().FreeMemoryBytes);

    public void Dispose()
    {
        _stop.Cancel();
        _task.Wait();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            _least = Math.Min(_least, Describe().FreeMemoryBytes);
            await Task.Delay(20).ConfigureAwait(false);
        }
    }

    private ComputeDevice Describe() => ComputeDevices.List().First(device => device.Name == _device);
}
