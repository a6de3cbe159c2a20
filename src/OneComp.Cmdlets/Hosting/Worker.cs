using System.Collections.Concurrent;
using OneComp.Progress;

namespace OneComp.Hosting;

/// <summary>Runs long work beside the pipeline thread, which alone may write to PowerShell's streams.</summary>
internal static class Worker
{
    /// <summary>
    /// Runs <paramref name="work"/> on a thread of its own and hands its events to <paramref name="onEvent"/> on the
    /// calling thread. Never returns, by result or exception, before the work has ended: it may hold native memory.
    /// </summary>
    /// <param name="work">Gets where to report, and a token to watch.</param>
    /// <param name="onEvent">Where it throws, the work is cancelled and awaited, and the exception goes on.</param>
    /// <param name="stop">Cancels the work.</param>
    public static T Run<T>(Func<IProgress<RunEvent>, CancellationToken, T> work, Action<RunEvent> onEvent, CancellationToken stop)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var events = new BlockingCollection<RunEvent>();
        var task = Task.Factory.StartNew(
            () =>
            {
                try
                {
                    return work(new EventQueue(events), cancel.Token);
                }
                finally
                {
                    events.CompleteAdding();
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (var runEvent in events.GetConsumingEnumerable(CancellationToken.None))
            {
                onEvent(runEvent);
            }
        }
        catch
        {
            cancel.Cancel();
            throw;
        }
        finally
        {
            ((IAsyncResult)task).AsyncWaitHandle.WaitOne(); // a join that does not throw what the work threw
        }

        return task.GetAwaiter().GetResult();
    }

    private sealed class EventQueue(BlockingCollection<RunEvent> events) : IProgress<RunEvent>
    {
        public void Report(RunEvent value)
        {
            try
            {
                events.Add(value);
            }
            catch (InvalidOperationException)
            {
                // A helper thread of the work reports after the work has ended: nobody listens any more.
            }
        }
    }
}
