using OneComp.Models;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>The loss's gradient at the last block's outputs.</summary>
internal sealed class LossGradient(CausalModel model, IWindowLoss loss, Device device, NumericGuard guard)
{
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
                var gradients = new List<Tensor>();
                var missing = new List<int>();
                for (var row = 0; row < hidden.shape[0]; row++)                                     // logits are wide: one window at a time
                {
                    var window = hidden.narrow(0, row, 1);
                    var gradient = Of(window, states.Samples(i)[row], head);
                    if (gradient is null && ComputeType.IsHalf(head.Type))
                    {
                        head.Dispose();
                        head = model.LoadHead(device, ScalarType.Float32);
                        gradient = Of(window, states.Samples(i)[row], head);
                    }

                    if (gradient is null)
                    {
                        missing.Add(row);
                    }
                    else
                    {
                        gradients.Add(gradient);
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

    /// <summary>(1, tokens, hidden), in the caller's scope; null where the loss or its gradient is not finite.</summary>
    private Tensor? Of(Tensor hidden, int sample, OutputHead head)
    {
        using var scope = NewDisposeScope();
        var h = hidden.detach().requires_grad_();
        var logits = head.Forward(h).to(ScalarType.Float32).squeeze(0);                             // (tokens, vocabulary)
        var value = loss.Of(logits, sample);
        var gradient = autograd.grad([value], [h])[0];
        return FiniteRows.Missing(gradient, value.reshape(1, 1, 1)).Length == 0 ? gradient.MoveToOuterDisposeScope() : null;
    }
}
