using System.Collections.Concurrent;
using OneComp.Quantization;

namespace OneComp.Pipeline;

/// <summary>Saves quantized layers in the order in which they come, in the background; a few wait, and then whoever brings more waits.</summary>
internal sealed class LayerSaver : IDisposable
{
    private const int MaxWaiting = 8;
    private readonly BlockingCollection<QuantizedWeight> _waiting = new(MaxWaiting);
    private readonly CancellationTokenSource _failed = new();
    private readonly Task _task;

    /// <summary>Starts it.</summary>
    /// <param name="save">Called for one layer at a time; borrowed.</param>
    public LayerSaver(Action<QuantizedWeight> save) => _task = Task.Run(() => Run(save));

    /// <summary>Takes a layer over, whose tensors belong to no dispose scope.</summary>
    /// <exception cref="Errors.OneCompException">An earlier layer could not be saved.</exception>
    public void Add(QuantizedWeight weight)
    {
        try
        {
            _waiting.Add(weight, _failed.Token);
        }
        catch (OperationCanceledException)
        {
            weight.Dispose();
            _task.GetAwaiter().GetResult(); // throws what went wrong
            throw;
        }
    }

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
        while (_waiting.TryTake(out var weight))
        {
            weight.Dispose();
        }

        _waiting.Dispose();
        _failed.Dispose();
    }

    private void Run(Action<QuantizedWeight> save)
    {
        try
        {
            foreach (var weight in _waiting.GetConsumingEnumerable())
            {
                using (weight)
                {
                    if (_failed.IsCancellationRequested)
                    {
                        return;
                    }

                    save(weight);
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
