using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace OneComp.Runtime.Teams;

/// <summary>
/// One device of a team and the thread that works on it: the tensor library's calls wait for the device now and then, and its grad mode and dispose
/// scopes belong to a thread.
/// </summary>
internal sealed class DeviceWorker : IDisposable
{
    private readonly BlockingCollection<Action> _waiting = [];
    private readonly Lazy<Thread> _thread;

    /// <summary>Makes it; its thread begins with the first work.</summary>
    /// <param name="index">Its place in the team.</param>
    /// <param name="name">What messages call it: <c>cuda:1</c>, <c>cpu#2</c> for a second worker on one device.</param>
    /// <param name="device">Where it computes.</param>
    public DeviceWorker(int index, string name, Device device)
    {
        (Index, Name, Device) = (index, name, device);
        var threads = get_num_threads(); // a setting of each thread, which results on the CPU depend on
        _thread = new Lazy<Thread>(() =>
        {
            var thread = new Thread(() => Work(threads)) { IsBackground = true, Name = $"OneComp {name}" };
            thread.Start();
            return thread;
        });
    }

    /// <summary>Its place in the team.</summary>
    public int Index { get; }

    /// <summary>What messages call it.</summary>
    public string Name { get; }

    /// <summary>Where it computes.</summary>
    public Device Device { get; }

    /// <summary>Has work done on its thread, without gradients, after what was brought before.</summary>
    public Task Start(Action work)
    {
        _ = _thread.Value;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add(() =>
        {
            try
            {
                using var noGrad = no_grad();
                work();
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(exception); // whoever waits for the work decides
            }
        });
        return done.Task;
    }

    /// <summary>Ends the thread once its work is done.</summary>
    public void Dispose()
    {
        _waiting.CompleteAdding();
        if (_thread.IsValueCreated)
        {
            _thread.Value.Join();
        }

        _waiting.Dispose();
    }

    private void Work(int threads)
    {
        set_num_threads(threads);
        foreach (var work in _waiting.GetConsumingEnumerable())
        {
            work();
        }
    }
}
