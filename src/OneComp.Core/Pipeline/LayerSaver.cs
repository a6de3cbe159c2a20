using System.Collections.Concurrent;
using OneComp.Quantization;

namespace OneComp.Pipeline;

/// <summary>Saves quantized layers in the order in which they come, in the background, and does what is to come after them; a few wait, and then whoever brings more waits.</summary>
internal sealed class LayerSaver : IDisposable
{
    private const int MaxWaiting = 8;
    private readonly BlockingCollection<(QuantizedWeight? Weight, Action? Then)> _waiting = new(MaxWaiting);
    private readonly CancellationTokenSource _failed = new();
    private readonly Task _task;

    /// <summary>Starts it.</summary>
    /// <param name="save">Called for one layer at a time; borrowed.</param>
    public LayerSaver(Action<QuantizedWeight> save) => _task = Task.Run(() => Run(save));

    /// <summary>Takes a layer over, whose tensors belong to no dispose scope.</summary>
    /// <exception cref="Errors.OneCompException">An earlier layer could not be saved.</exception>
    public void Add(QuantizedWeight weight) => Add(weight, null);

    /// <summary>Has something done once every layer brought so far is saved.</summary>
    /// <exception cref="Errors.OneCompException">An earlier layer could not be saved.</exception>
    public void Then(Action action) => Add(null, action);

    /// <summary>Waits until all layers are saved.</summary>
    /// <exception cref="Errors.OneCompException">A layer could not be saved.</exception>
    public void Complete()
    {
        _waiting.CompleteAdding();
        _task.GetAwaiter().GetResult();
    }

    /// <summary>Waits for the layer being saved; without <see cref="Complete"/> those after it are dropped.</summary>
    public void Dispose()
    {
        _failed.Cancel();
        _waiting.CompleteAdding();
        _task.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait();
        while (_waiting.TryTake(out var left))
        {
            left.Weight?.Dispose();
        }

        _waiting.Dispose();
        _failed.Dispose();
    }

    private void Add(QuantizedWeight? weight, Action? then)
    {
        try
        {
            _waiting.Add((weight, then), _failed.Token);
        }
        catch (OperationCanceledException)
        {
            weight?.Dispose();
            _task.GetAwaiter().GetResult(); // throws what went wrong
            throw;
        }
    }

    private void Run(Action<QuantizedWeight> save)
    {
        try
        {
            foreach (var (weight, then) in _waiting.GetConsumingEnumerable())
            {
                using (weight)
                {
                    if (_failed.IsCancellationRequested)
                    {
                        return;
                    }

                    if (weight is not null)
                    {
                        save(weight);
                    }

                    then?.Invoke();
                }
            }
        }
        catch
        {
            _failed.Cancel();
            throw;
        }
    }
}
