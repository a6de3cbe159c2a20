using System.Globalization;
using OneComp.Errors;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>The loss's gradient at the last block's outputs.</summary>
internal sealed class LossGradient(CausalModel model, IWindowLoss loss, Device device, NumericGuard guard, IProgress<RunEvent>? progress = null)
{
    private const long LogitsAtOnce = 32 << 20; // they are wide, and there are a few of each
    private int _most = int.MaxValue;           // windows that have room together, as far as is known

    /// <summary>Replaces the last block's outputs by the gradient, less the windows whose loss is not finite.</summary>
    /// <param name="states">(windows, tokens, hidden) a batch.</param>
    /// <param name="type">Type to compute in; float32 where the head overflows in it.</param>
    /// <param name="token">Asked before each batch.</param>
    /// <exception cref="Quantization.NumericException">Too many windows are left out.</exception>
    public void Put(HiddenStates states, ScalarType type, CancellationToken token)
    {
        var head = model.LoadHead(device, type);
        try
        {
            for (var i = 0; i < states.Count; i++)
            {
                token.ThrowIfCancellationRequested();
                if (states.IsEmpty(i))
                {
                    continue;
                }

                using var scope = NewDisposeScope();
                var hidden = states.Load(i);                                                        // (windows, tokens, hidden)
                var together = (int)Math.Clamp(LogitsAtOnce / (hidden.shape[1] * model.Config.VocabularySize), 1, hidden.shape[0]);
                var gradients = new List<Tensor>();
                var missing = new List<int>();
                for (int first = 0, count; first < hidden.shape[0]; first += count)
                {
                    count = Math.Min(Math.Min(together, _most), (int)hidden.shape[0] - first);
                    var (gradient, bad) = Fitting(hidden, first, ref count, states.Samples(i), head);
                    if (bad.Length > 0 && ComputeType.IsHalf(head.Type))
                    {
                        head.Dispose();
                        head = model.LoadHead(device, ScalarType.Float32);
                        (gradient, bad) = Fitting(hidden, first, ref count, states.Samples(i), head);
                    }

                    missing.AddRange(bad.Select(row => first + row));
                    if (bad.Length < count)
                    {
                        gradients.Add(bad.Length == 0 ? gradient : gradient.index_select(0, RowIndex.Of(RowIndex.Others(count, bad), device)));
                    }
                }

                if (missing.Count > 0)
                {
                    guard.LeaveOut([.. missing.Select(row => states.Samples(i)[row])], "the loss");
                    states.LeaveOut(i, missing);
                }

                if (gradients.Count > 0)
                {
                    states.Store(i, cat(gradients));
                }
            }
        }
        finally
        {
            head.Dispose();
        }

        HostMemory.ReleaseFreed();
    }

    /// <summary>Of as many windows from the first on as have room, at most so many; down to one.</summary>
    private (Tensor Gradient, int[] Missing) Fitting(Tensor hidden, int first, ref int count, IReadOnlyList<int> samples, OutputHead head)
    {
        while (true)
        {
            try
            {
                return Of(hidden.narrow(0, first, count), [.. samples.Skip(first).Take(count)], head);
            }
            catch (Exception exception) when (Outcome.IsOutOfMemory(exception))
            {
                if (count == 1)
                {
                    throw;
                }

                _most = count = (count + 1) / 2;
                progress?.Report(new FactEvent(RunEventId.BatchHalved, string.Create(CultureInfo.InvariantCulture, $"Memory ran out at the loss on {ComputeDevices.NameOf(device)}: {_most} windows at a time from here on."))
                {
                    Numbers = [new("windows", _most)],
                });
            }
        }
    }

    /// <summary>(windows, tokens, hidden), in the caller's scope, and the windows whose loss or its gradient is not finite.</summary>
    private (Tensor Gradient, int[] Missing) Of(Tensor hidden, IReadOnlyList<int> samples, OutputHead head)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        var h = hidden.detach().requires_grad_();
        var values = loss.Of(head.Forward(h).to(ScalarType.Float32), samples);                      // (windows)
        var gradient = RecordedGradient.Of(values.sum(), [h], null)[0];
        return (gradient.MoveToOuterDisposeScope(), FiniteRows.Missing(gradient, values.detach().reshape(-1, 1, 1)));
    }
}
