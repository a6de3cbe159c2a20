using OneComp.Errors;
using OneComp.Runtime.Teams;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>
/// What flows between blocks for a set of windows, (windows, tokens, hidden) a batch. Kept on the GPU that works on a batch where they
/// are small beside its free memory; else in main memory, and then a batch is on the device only while it is worked on. Owns its tensors.
/// </summary>
internal sealed class HiddenStates : ITeamHolding, IDisposable
{
    private readonly Tensor[] _batches;
    private readonly WaitingOutputs _next; // what replaces batches at the next Commit, where inputs have to outlive a block
    private readonly int[][] _samples;     // the window of each row, by batch

    private HiddenStates(Tensor[] batches, int[][] samples, BatchPlaces places)
    {
        _batches = batches;
        _next = new WaitingOutputs(batches.Length, places);
        _samples = samples;
        Places = places;
    }

    /// <summary>Batches held.</summary>
    public int Count => _batches.Length;

    /// <summary>Bytes of them all.</summary>
    public long Bytes => _batches.Sum(batch => batch.numel() * batch.element_size());

    /// <summary>Where batches are worked on and kept.</summary>
    public BatchPlaces Places { get; }

    /// <summary>True where <see cref="Store"/> keeps what it replaces until <see cref="Commit"/>.</summary>
    public bool KeepsInputs { get; set; }

    /// <summary>Called with the number of rows before each piece of a batch; tests make memory run out with it.</summary>
    public Action<int>? BeforePiece { get; set; }

    /// <summary>Makes states batch by batch.</summary>
    /// <param name="samples">The windows in each batch, by their number.</param>
    /// <param name="placement">Where to work.</param>
    /// <param name="bytes">Bytes of them all.</param>
    /// <param name="batch">Gives a batch, (windows, tokens, hidden), on any device, in the type of the states; asked in order, in a dispose scope of the batch's own.</param>
    /// <param name="token">Asked before each batch.</param>
    public static HiddenStates Make(int[][] samples, StatesPlacement placement, long bytes, Func<int, Tensor> batch, CancellationToken token)
    {
        var onDevices = placement.KeepsOnDevices(bytes);
        try
        {
            return Make(samples, placement, onDevices, batch, token);
        }
        catch (Exception exception) when (onDevices && Outcome.IsOutOfMemory(exception))
        {
            return Make(samples, placement, onDevices: false, batch, token); // other programs have taken what was free
        }
    }

    private static HiddenStates Make(int[][] samples, StatesPlacement placement, bool onDevices, Func<int, Tensor> batch, CancellationToken token)
    {
        var batches = new Tensor[samples.Length];
        var states = new HiddenStates(batches, samples, BatchPlaces.Of(placement, samples.Length, onDevices));
        try
        {
            for (var i = 0; i < batches.Length; i++)
            {
                token.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                batches[i] = states.Places.AtHome(i, batch(i)).DetachFromDisposeScope();
            }

            return states;
        }
        catch
        {
            states.Dispose();
            throw;
        }
    }

    /// <summary>Batch <paramref name="index"/> where it is kept; borrowed.</summary>
    public Tensor Peek(int index) => _batches[index];

    /// <summary>The windows that are in a batch, by their number, row by row.</summary>
    public IReadOnlyList<int> Samples(int index) => _samples[index];

    /// <summary>True when every window of a batch was left out.</summary>
    public bool IsEmpty(int index) => _samples[index].Length == 0;

    /// <summary>Takes rows out of a batch for good.</summary>
    public void LeaveOut(int index, IReadOnlyCollection<int> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        var kept = RowIndex.Others(_samples[index].Length, rows);
        _batches[index] = Places.Fewer(index, _batches[index], kept);
        _next.Keep(index, _samples[index].Length, kept);
        _samples[index] = [.. kept.Select(row => _samples[index][row])];
    }

    /// <summary>Leaves out what the other, of the same windows, no longer has.</summary>
    public void Match(HiddenStates other)
    {
        for (var i = 0; i < Count; i++)
        {
            var others = other._samples[i];
            LeaveOut(i, [.. Enumerable.Range(0, _samples[i].Length).Where(row => !others.Contains(_samples[i][row]))]);
        }
    }

    /// <summary>Batch <paramref name="index"/> on the device. The caller owns it.</summary>
    public Tensor Load(int index) => _batches[index].to(Places.DeviceOf(index), copy: true);

    /// <summary>Rows of a batch on the device. The caller owns them.</summary>
    public Tensor Load(int index, int start, int count)
    {
        using var rows = _batches[index].narrow(0, start, count);
        return rows.to(Places.DeviceOf(index), copy: true);
    }

    /// <summary>One window, (1, tokens, hidden), on the device. The caller owns it.</summary>
    /// <param name="sample">Its number; it was not left out.</param>
    public Tensor LoadSample(int sample)
    {
        var batch = Array.FindIndex(_samples, samples => samples.Contains(sample));
        using var row = _batches[batch].narrow(0, Array.IndexOf(_samples[batch], sample), 1);
        return row.to(Places.DeviceOf(batch), copy: true);
    }

    /// <summary>Replaces a batch by a copy of <paramref name="value"/>, which is borrowed; from the next <see cref="Commit"/> on where inputs are kept.</summary>
    public void Store(int index, Tensor value)
    {
        using var scope = NewDisposeScope();
        if (!KeepsInputs)
        {
            _batches[index].copy_(value.detach());
            return;
        }

        _next.Store(index, value, _batches[index].dtype);
    }

    /// <summary>Puts what was stored in the place of what it came from.</summary>
    public void Commit()
    {
        for (var i = 0; KeepsInputs && i < Count; i++)
        {
            if (!IsEmpty(i))
            {
                _batches[i] = _next.Trade(i, _batches[i]);
            }
        }
    }

    /// <summary>Gives the batches of devices that failed to those that are left, in turn. Their states must be readable.</summary>
    /// <param name="failed">Places of the devices that failed.</param>
    /// <param name="left">Places of those that are left.</param>
    public void Reassign(IReadOnlyCollection<int> failed, IReadOnlyList<int> left)
    {
        var next = 0;
        foreach (var index in Enumerable.Range(0, Count).Where(batch => failed.Contains(Places.OwnerOf(batch))))
        {
            using var scope = NewDisposeScope();
            Places.Give(index, left[next++ % left.Count]);
            _next.Drop(index);
            if (Places.OnDevices)
            {
                var moved = _batches[index].to(Places.DeviceOf(index), copy: true).DetachFromDisposeScope();
                _batches[index].Dispose();
                _batches[index] = moved;
            }
        }
    }

    /// <summary>The same states once more, in tensors of their own: where these are, or in main memory where that has no room for them.</summary>
    public HiddenStates Copy() => Copy(onDevices: true);

    /// <summary>The same, kept where there is room for them.</summary>
    /// <param name="onDevices">Whether that is on the devices, where these are kept there.</param>
    public HiddenStates Copy(bool onDevices)
    {
        try
        {
            return CopyTo(onDevices && Places.OnDevices);
        }
        catch (Exception exception) when (onDevices && Places.OnDevices && Outcome.IsOutOfMemory(exception))
        {
            return CopyTo(onDevices: false);
        }
    }

    private HiddenStates CopyTo(bool onDevices)
    {
        var copy = new HiddenStates(new Tensor[Count], [.. _samples], Places.Copy(onDevices)) { KeepsInputs = KeepsInputs };
        try
        {
            for (var i = 0; i < Count; i++)
            {
                using var scope = NewDisposeScope();
                copy._batches[i] = (onDevices == Places.OnDevices ? Places.Locked(i, _batches[i].clone()) : copy.Places.AtHome(i, _batches[i])).DetachFromDisposeScope();
            }

            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var batch in _batches)
        {
            batch?.Dispose(); // null where a stop came before all were made
        }

        _next.Dispose();
    }
}
