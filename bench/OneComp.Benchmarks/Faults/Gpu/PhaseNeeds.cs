using OneComp.Progress;
using OneComp.Runtime;
using OneComp.Tests.Pipeline.Memory.Shortage;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Faults.Gpu;

/// <summary>
/// What each phase of a job takes of a GPU beside what is there when it begins: the tensor library's pool is emptied at that moment, and from then to the
/// next phase the least free memory is kept.
/// </summary>
internal sealed class PhaseNeeds : IProgress<RunEvent>, IDisposable
{
    private readonly GpuMemory _memory;
    private readonly Device _device;
    private readonly List<(ShortagePhase Phase, int Seen)> _waiting;
    private readonly Dictionary<string, long> _needs = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watch;
    private (string Phase, long Free)? _current;
    private long _least = long.MaxValue;

    public PhaseNeeds(GpuMemory memory, Device device, ShortageJob job)
    {
        (_memory, _device) = (memory, device);
        _waiting = [.. ShortagePhase.All.Where(phase => phase.Job == job).Select(phase => (phase, 0))];
        _watch = Task.Run(WatchAsync);
    }

    /// <summary>Bytes by phase; whole once this is stopped.</summary>
    public IReadOnlyDictionary<string, long> Bytes => _needs;

    public void Report(RunEvent value)
    {
        lock (_gate)
        {
            var at = _waiting.FindIndex(waiting => waiting.Phase.Begins(value));
            if (at < 0)
            {
                return;
            }

            var (phase, seen) = _waiting[at];
            if (seen < phase.Before)
            {
                _waiting[at] = (phase, seen + 1);
                return;
            }

            _waiting.RemoveAt(at);
            End();
            GpuPool.Empty(_device);
            (_current, _least) = ((phase.Name, _memory.Bytes().Free), long.MaxValue);
        }
    }

    /// <summary>The job is over.</summary>
    public void Stop()
    {
        _stop.Cancel();
        _watch.Wait();
        lock (_gate)
        {
            End();
        }
    }

    public void Dispose()
    {
        Stop();
        _stop.Dispose();
    }

    private void End()
    {
        if (_current is var (phase, free))
        {
            _needs[phase] = Math.Max(0, free - Math.Min(_least, _memory.Bytes().Free));
            _current = null;
        }
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            lock (_gate)
            {
                _least = Math.Min(_least, _memory.Bytes().Free);
            }

            await Task.Delay(5).ConfigureAwait(false);
        }
    }
}
