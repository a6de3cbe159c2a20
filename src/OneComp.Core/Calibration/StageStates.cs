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

    /// <summary>Takes every batch of <paramref name="hidden"/> into the block. The states are borrowed until <see cref="Leave"/>.</summary>
    /// <param name="block">The block.</param>
    /// <param name="hidden">Its inputs.</param>
    /// <param name="token">Asked before each batch.</param>
    public static StageStates Enter(DecoderBlock block, HiddenStates hidden, CancellationToken token)
    {
        var entered = new StageStates(new StageState?[hidden.Count], hidden);
        try
        {
            for (var i = 0; i < hidden.Count; i++)
            {
                token.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                entered.Keep(i, block.Enter(hidden.Load(i)));
            }

            return entered;
        }
        catch
        {
            entered.Dispose();
            throw;
        }
    }

    /// <summary>What the stage's layers read, (windows, tokens, d_in), on the device. The caller owns it.</summary>
    public Tensor Input(int batch) => _states[batch]!.Input.to(_hidden.Device);

    /// <summary>Takes a batch to the next stage.</summary>
    public void Advance(DecoderBlock block, int batch)
    {
        using var scope = NewDisposeScope();
        using var state = _states[batch]!.To(_hidden.Device);
        Keep(batch, block.Advance(state));
    }

    /// <summary>Takes a batch out of the block: its output replaces the hidden states it came from.</summary>
    public void Leave(DecoderBlock block, int batch)
    {
        using var scope = NewDisposeScope();
        using var state = _states[batch]!.To(_hidden.Device);
        _hidden.Store(batch, block.Exit(state));
        _states[batch]!.Dispose();
        _states[batch] = null;
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
        _states[batch] = new StageState(state.Stage, _hidden.ToHome(state.Input), _hidden.ToHome(state.Residual));
        state.Dispose();
    }
}
