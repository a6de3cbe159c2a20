using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>
/// Outputs of a block, batch by batch, that wait beside its inputs: those have to outlive a block that may be done again (docs/adr/0036). Owns its
/// tensors.
/// </summary>
/// <param name="count">Batches.</param>
/// <param name="places">Where they are kept.</param>
internal sealed class WaitingOutputs(int count, BatchPlaces places) : IDisposable
{
    private readonly Tensor?[] _outputs = new Tensor?[count];

    /// <summary>Copies a batch's output, which is borrowed, to where the batch is kept.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="value">(windows, tokens, hidden).</param>
    /// <param name="type">Type to keep it in.</param>
    public void Store(int batch, Tensor value, ScalarType type)
    {
        if (_outputs[batch] is not { } output || !output.shape.AsSpan().SequenceEqual(value.shape))
        {
            _outputs[batch]?.Dispose();
            _outputs[batch] = output = places.AtHome(batch, empty(value.shape, dtype: type, device: places.HomeOf(batch))).DetachFromDisposeScope();
        }

        output.copy_(value.detach());
    }

    /// <summary>Gives a batch's output for its input, into whose memory the next output goes; the input where nothing waits. The caller owns the one, this the other.</summary>
    public Tensor Trade(int batch, Tensor input)
    {
        if (_outputs[batch] is not { } output)
        {
            return input;
        }

        _outputs[batch] = input;
        return output;
    }

    /// <summary>Keeps only some rows of what waits of a batch, where that has as many rows as the batch.</summary>
    public void Keep(int batch, int count, int[] rows)
    {
        if (_outputs[batch] is { } output && output.shape[0] == count)
        {
            _outputs[batch] = places.Fewer(batch, output, rows);
        }
    }

    /// <summary>Frees what waits of a batch.</summary>
    public void Drop(int batch)
    {
        _outputs[batch]?.Dispose();
        _outputs[batch] = null;
    }

    public void Dispose()
    {
        foreach (var output in _outputs)
        {
            output?.Dispose();
        }
    }
}
