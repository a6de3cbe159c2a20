using OneComp.Models;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>Where every batch of windows stands inside one block. Kept where the hidden states are; owns its tensors.</summary>
internal sealed class StageStates : IDisposable
{
    private readonly StageState?[] _states;
    private readonly HiddenStates _hidden;

    private StageStates(StageState?[] states, HiddenStates hidden)
    {
        _states = states;
        _hidden = hidden;
    }

    public int Count => _states.Length;

    /// <summary>Room for every batch of <paramref name="hidden"/>, which are borrowed until the last <see cref="Step"/>.</summary>
    public static StageStates Of(HiddenStates hidden) => new(new StageState?[hidden.Count], hidden);

    /// <summary>Takes a batch that is not empty into the block.</summary>
    public void Enter(DecoderBlock block, int batch)
    {
        using var scope = NewDisposeScope();
        var (inputs, residuals) = (new List<Tensor>(), new List<Tensor>());
        BatchPieces.Each(_hidden, batch, _hidden.Samples(batch).Count, (start, count, _) =>
        {
            using var state = block.Enter(_hidden.Load(batch, start, count));
            Bring(batch, state, inputs, residuals);
        });
        Keep(batch, BlockStage.AttentionInput, inputs, residuals);
    }

    /// <summary>Rows of what the stage's layers read, (rows, tokens, d_in), on the device. The caller owns it.</summary>
    public Tensor Input(int batch, int start, int count) => _states[batch]!.Input.narrow(0, start, count).to(_hidden.Places.DeviceOf(batch));

    /// <summary>Takes a batch to the next stage, or out of the block after the last: its output then replaces the hidden states it came from.</summary>
    /// <param name="block">The block; in float32 afterwards where it overflowed.</param>
    /// <param name="batch">The batch, which is not empty.</param>
    /// <param name="guard">Says what becomes of numbers that are not finite; null to let them pass.</param>
    /// <returns>The rows that are not finite, for <see cref="LeaveOut"/>.</returns>
    public IReadOnlyList<int> Step(DecoderBlock block, int batch, NumericGuard? guard)
    {
        using var scope = NewDisposeScope();
        var before = _states[batch]!;
        var missing = new List<int>();
        var (inputs, residuals) = (new List<Tensor>(), new List<Tensor>());
        BatchPieces.Each(_hidden, batch, (int)before.Input.shape[0], (start, count, _) =>
        {
            using var state = before.Rows(start, count, _hidden.Places.DeviceOf(batch));
            if (state.Stage == BlockStage.MlpOutput)
            {
                var (output, rows) = FiniteSteps.Exit(block, state, guard);
                inputs.Add(_hidden.Places.ToHome(batch, output));
                missing.AddRange(rows.Select(row => start + row));
            }
            else
            {
                var (next, rows) = FiniteSteps.Advance(block, state, guard);
                using (next)
                {
                    Bring(batch, next, inputs, residuals);
                }

                missing.AddRange(rows.Select(row => start + row));
            }
        });
        if (before.Stage != BlockStage.MlpOutput)
        {
            Keep(batch, before.Stage + 1, inputs, residuals);
            return missing;
        }

        _hidden.Store(batch, Whole(inputs));
        before.Dispose();
        _states[batch] = null;
        return missing;
    }

    /// <summary>Takes rows out of a batch and of the hidden states it came from.</summary>
    public void LeaveOut(int batch, IReadOnlyCollection<int> rows)
    {
        if (_states[batch] is { } state)
        {
            using var scope = NewDisposeScope();
            using (state)
            {
                _states[batch] = null;
                using var fewer = state.Select(RowIndex.Of(RowIndex.Others(state.Input.shape[0], rows), state.Input.device));
                Keep(batch, state.Stage, [_hidden.Places.ToHome(batch, fewer.Input)], [_hidden.Places.ToHome(batch, fewer.Residual)]);
            }
        }

        _hidden.LeaveOut(batch, rows);
    }

    public void Dispose()
    {
        foreach (var state in _states)
        {
            state?.Dispose();
        }
    }

    private void Keep(int batch, BlockStage stage, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> residuals)
    {
        var kept = new StageState(stage, Whole(inputs), Whole(residuals));
        _states[batch]?.Dispose();
        _states[batch] = kept;
    }

    /// <summary>Both or none: memory may run out on the way.</summary>
    private void Bring(int batch, StageState state, List<Tensor> inputs, List<Tensor> residuals)
    {
        var (input, residual) = (_hidden.Places.ToHome(batch, state.Input), _hidden.Places.ToHome(batch, state.Residual));
        inputs.Add(input);
        residuals.Add(residual);
    }

    private static Tensor Whole(IReadOnlyList<Tensor> pieces) => pieces.Count == 1 ? pieces[0] : cat([.. pieces]);
}
