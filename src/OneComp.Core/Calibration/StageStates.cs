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
        Keep(batch, block.Enter(_hidden.Load(batch)));
    }

    /// <summary>What the stage's layers read, (windows, tokens, d_in), on the device. The caller owns it.</summary>
    public Tensor Input(int batch) => _states[batch]!.Input.to(_hidden.DeviceOf(batch));

    /// <summary>Takes a batch to the next stage, or out of the block after the last: its output then replaces the hidden states it came from.</summary>
    /// <param name="block">The block; in float32 afterwards where it overflowed.</param>
    /// <param name="batch">The batch, which is not empty.</param>
    /// <param name="guard">Says what becomes of numbers that are not finite; null to let them pass.</param>
    /// <returns>The rows that are not finite, for <see cref="LeaveOut"/>.</returns>
    public int[] Step(DecoderBlock block, int batch, NumericGuard? guard)
    {
        using var scope = NewDisposeScope();
        using var state = _states[batch]!.To(_hidden.DeviceOf(batch));
        if (state.Stage != BlockStage.MlpOutput)
        {
            var (next, rows) = FiniteSteps.Advance(block, state, guard);
            Keep(batch, next);
            return rows;
        }

        var (output, missing) = FiniteSteps.Exit(block, state, guard);
        _hidden.Store(batch, output);
        _states[batch]!.Dispose();
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
                Keep(batch, state.Select(RowIndex.Of(RowIndex.Others(state.Input.shape[0], rows), state.Input.device)));
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

    private void Keep(int batch, StageState state)
    {
        _states[batch]?.Dispose();
        _states[batch] = new StageState(state.Stage, _hidden.ToHome(batch, state.Input), _hidden.ToHome(batch, state.Residual));
        state.Dispose();
    }
}
