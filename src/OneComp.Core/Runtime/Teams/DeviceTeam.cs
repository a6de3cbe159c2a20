using System.Runtime.ExceptionServices;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Runtime.Teams;

/// <summary>
/// The devices that share a run's work (docs/adr/0034). A team of one works on the calling thread. Devices that fail are retired, and the
/// others go on.
/// </summary>
internal sealed class DeviceTeam : IDisposable
{
    private readonly List<DeviceWorker> _workers;
    private readonly List<DeviceWorker> _retired = [];
    private readonly IDisposable? _alone;

    /// <summary>A team of devices of one kind; the same device may be there several times.</summary>
    public DeviceTeam(IReadOnlyList<Device> devices)
    {
        var names = devices.Select(ComputeDevices.NameOf).ToList();
        _workers = [.. devices.Select((device, i) => new DeviceWorker(i, Numbered(names, i), device))];
        Name = NameOf(devices);
        LinearAlgebra.EnsureLoaded(devices[0]);
        _alone = devices.Count > 1 ? TensorFloat32.Forbid() : null;
    }

    /// <summary>The devices' names as a user gives them, by commas.</summary>
    public string Name { get; }

    /// <summary>The workers that are left, at least one.</summary>
    public IReadOnlyList<DeviceWorker> Workers => _workers;

    /// <summary>Where work goes that is not shared.</summary>
    public Device Device => _workers[0].Device;

    /// <summary>Called on a worker's thread before its work; tests make devices fail with it.</summary>
    public Action<DeviceWorker>? BeforeWork { get; init; }

    /// <summary>Whether work is shared.</summary>
    public bool IsShared => _workers.Count > 1;

    /// <summary>Devices' names by commas.</summary>
    public static string NameOf(IEnumerable<Device> devices) => string.Join(",", devices.Select(ComputeDevices.NameOf));

    /// <summary>Turns names, by commas, into a team; loads the tensor library.</summary>
    /// <param name="names">As for <see cref="ComputeDevices.ParseAll"/>.</param>
    /// <param name="beforeWork">As <see cref="BeforeWork"/>.</param>
    /// <exception cref="DeviceException">A name is malformed, devices are of two kinds, or one cannot be used.</exception>
    public static DeviceTeam Parse(string? names, Action<DeviceWorker>? beforeWork = null) => new(ComputeDevices.ParseAll(names)) { BeforeWork = beforeWork };

    /// <summary>Has every worker do its share at once, and waits for all of them.</summary>
    /// <param name="work">Gets the worker and a token that also tells when another worker failed.</param>
    /// <param name="token">Stops all of them.</param>
    /// <exception cref="TeamFaultException">Devices of a shared team failed.</exception>
    public void Each(Action<DeviceWorker, CancellationToken> work, CancellationToken token)
    {
        if (!IsShared)
        {
            BeforeWork?.Invoke(_workers[0]);
            work(_workers[0], token);
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var tasks = _workers.Select(worker => (Worker: worker, Task: worker.Start(() =>
        {
            try
            {
                BeforeWork?.Invoke(worker);
                work(worker, stop.Token);
            }
            catch
            {
                stop.Cancel(); // what the others would do now is for nothing
                throw;
            }
        }))).ToList();
        Task.WhenAll(tasks.Select(pair => pair.Task)).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait(CancellationToken.None);
        Throw([.. tasks.Where(pair => pair.Task.IsFaulted).Select(pair => (pair.Worker, pair.Task.Exception!.InnerException!))]);
    }

    /// <summary>Takes workers out of the team.</summary>
    /// <exception cref="InvalidOperationException">None would be left.</exception>
    public void Retire(IReadOnlyCollection<DeviceWorker> failed)
    {
        if (_workers.All(failed.Contains))
        {
            throw new InvalidOperationException("no device is left");
        }

        _retired.AddRange(_workers.Where(failed.Contains));
        _workers.RemoveAll(failed.Contains);
    }

    public void Dispose()
    {
        foreach (var worker in _workers.Concat(_retired))
        {
            worker.Dispose();
        }

        _alone?.Dispose();
    }

    private static void Throw(IReadOnlyList<(DeviceWorker Worker, Exception Fault)> faults)
    {
        var causes = faults.Where(pair => pair.Fault is not OperationCanceledException).ToList();
        var others = causes.Where(pair => !TeamFaultException.IsOfDevice(pair.Fault)).Select(pair => pair.Fault).ToList();
        if (others.Count > 0)
        {
            ExceptionDispatchInfo.Throw(others[0]);
        }

        if (causes.Count > 0)
        {
            throw new TeamFaultException(causes);
        }

        if (faults.Count > 0)
        {
            ExceptionDispatchInfo.Throw(faults[0].Fault);
        }
    }

    private static string Numbered(List<string> names, int index) =>
        names.Count(name => name == names[index]) == 1 ? names[index] : $"{names[index]}#{names.Take(index + 1).Count(name => name == names[index])}";
}
