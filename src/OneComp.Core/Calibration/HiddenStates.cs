using System.Globalization;
using OneComp.Errors;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>
/// What flows between blocks for a set of windows, (windows, tokens, hidden) a batch. Kept on the GPU that works on a batch where they
/// are small beside its free memory; else in main memory, page-locked so that the GPU copies straight from and to it, and then a batch
/// is on the device only while it is worked on. Owns its tensors.
/// </summary>
internal sealed class HiddenStates : IDisposable
{
    private readonly Tensor[] _batches;
    private readonly Tensor?[] _next;  // what replaces batches at the next Commit, where inputs have to outlive a block
    private readonly int[][] _samples; // the window of each row, by batch
    private readonly int[] _owners;    // by batch: the place in _devices of the device that works on it
    private readonly IReadOnlyList<Device> _devices;
    private readonly int[] _rowsAtOnce; // by device
    private readonly bool _onDevices;
    private readonly IProgress<RunEvent>? _progress;

    private HiddenStates(Tensor[] batches, int[][] samples, int[] owners, IReadOnlyList<Device> devices, bool onDevices, IProgress<RunEvent>? progress)
    {
        _batches = batches;
        _next = new Tensor?[batches.Length];
        _samples = samples;
        _owners = owners;
        _devices = devices;
        _rowsAtOnce = [.. devices.Select(_ => int.MaxValue)];
        _onDevices = onDevices;
        _progress = progress;
    }

    /// <summary>Batches held.</summary>
    public int Count => _batches.Length;

    /// <summary>Bytes of them all.</summary>
    public long Bytes => _batches.Sum(batch => batch.numel() * batch.element_size());

    /// <summary>True where <see cref="Store"/> keeps what it replaces until <see cref="Commit"/>.</summary>
    public bool KeepsInputs { get; set; }

    /// <summary>Called with the number of rows before each piece of a batch; tests make memory run out with it.</summary>
    public Action<int>? BeforePiece { get; set; }

    /// <summary>Most rows of a batch that its device takes at once.</summary>
    public int RowsAtOnce(int index) => _rowsAtOnce[_owners[index]];

    /// <summary>Notes that a batch's device has no room for more rows, and tells of it.</summary>
    public void TakeAtOnce(int index, int rows)
    {
        if (rows < RowsAtOnce(index))
        {
            _rowsAtOnce[_owners[index]] = rows;
            _progress?.Report(new FactEvent(RunEventId.BatchHalved, string.Create(CultureInfo.InvariantCulture, $"Memory ran out on {ComputeDevices.NameOf(DeviceOf(index))}: {rows} windows at a time from here on."))
            {
                Numbers = [new("windows", rows)],
            });
        }
    }

    /// <summary>Windows that go together, for windows of <paramref name="length"/> tokens.</summary>
    public static int WindowsPerBatch(int length, Device device) => Math.Max(1, StatesPlacement.TokensFor(device) / length);

    /// <summary>Where a batch is worked on.</summary>
    public Device DeviceOf(int index) => _devices[_owners[index]];

    /// <summary>Where a batch is kept.</summary>
    public Device HomeOf(int index) => _onDevices ? DeviceOf(index) : CPU;

    /// <summary>The batches that a device works on, by its place among the devices.</summary>
    public IReadOnlyList<int> BatchesOf(int owner) => [.. Enumerable.Range(0, Count).Where(batch => _owners[batch] == owner)];

    /// <summary>Embeds windows of one length.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">Windows of token ids; all of a batch have one length.</param>
    /// <param name="placement">Where to work.</param>
    /// <param name="type">Type that blocks compute in; the states have <see cref="ComputeType.OfStates"/> of it.</param>
    /// <param name="token">Asked before each batch.</param>
    public static HiddenStates Embed(CausalModel model, IReadOnlyList<Tensor> ids, StatesPlacement placement, ScalarType type, CancellationToken token = default)
    {
        using var noGrad = no_grad();
        type = ComputeType.OfStates(type);
        var device = placement.Devices[0];
        using var embedding = model.LoadEmbedding(device, type);
        var bytes = ids.Sum(batch => batch.numel()) * model.Config.HiddenSize * type.ElementSize();
        return Make(Number(ids), placement, bytes, i => embedding.Forward(ids[i].to(device)), token);
    }

    /// <summary>Takes states up that were kept elsewhere.</summary>
    /// <param name="samples">The windows in each batch, by their number.</param>
    /// <param name="batch">Gives a batch on the CPU, (windows, tokens, hidden), in any type; asked in order.</param>
    /// <param name="bytes">Bytes of them all in <paramref name="type"/>.</param>
    /// <param name="placement">Where to work.</param>
    /// <param name="type">Type of the states.</param>
    /// <param name="token">Asked before each batch.</param>
    public static HiddenStates Restore(int[][] samples, Func<int, Tensor> batch, long bytes, StatesPlacement placement, ScalarType type, CancellationToken token) =>
        Make(samples, placement, bytes, i => batch(i).to(type), token);

    private static HiddenStates Make(int[][] samples, StatesPlacement placement, long bytes, Func<int, Tensor> batch, CancellationToken token)
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
        var states = new HiddenStates(batches, samples, placement.OwnersOf(samples.Length), placement.Devices, onDevices, placement.Progress);
        try
        {
            for (var i = 0; i < batches.Length; i++)
            {
                token.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                batches[i] = states.AtHome(i, batch(i)).DetachFromDisposeScope();
            }

            return states;
        }
        catch
        {
            states.Dispose();
            throw;
        }
    }

    /// <summary>Embeds calibration windows.</summary>
    /// <param name="model">The model.</param>
    /// <param name="windows">The windows, which are numbered in their order.</param>
    /// <param name="placement">Where to work.</param>
    /// <param name="type">As for windows in batches.</param>
    /// <param name="token">Asked before each batch.</param>
    public static HiddenStates Embed(CausalModel model, TokenWindows windows, StatesPlacement placement, ScalarType type, CancellationToken token)
    {
        var ids = Batches(windows, placement);
        try
        {
            return Embed(model, ids, placement, type, token);
        }
        finally
        {
            foreach (var batch in ids)
            {
                batch.Dispose();
            }
        }
    }

    private static int[][] Number(IReadOnlyList<Tensor> ids)
    {
        var first = 0;
        return [.. ids.Select(batch => Enumerable.Range((first += (int)batch.shape[0]) - (int)batch.shape[0], (int)batch.shape[0]).ToArray())];
    }

    /// <summary>Ids of <paramref name="windows"/> as batches, (windows, tokens) int64. The caller owns them.</summary>
    public static IReadOnlyList<Tensor> Batches(TokenWindows windows, StatesPlacement placement)
    {
        var perBatch = placement.WindowsPerBatch(windows.Length);
        var batches = new List<Tensor>();
        for (var first = 0; first < windows.Count; first += perBatch)
        {
            var count = Math.Min(perBatch, windows.Count - first);
            var ids = windows.Ids.AsSpan(first * windows.Length, count * windows.Length).ToArray();
            using var flat = tensor(ids, dtype: ScalarType.Int64);
            batches.Add(flat.reshape(count, windows.Length).DetachFromDisposeScope());
        }

        return batches;
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
        _batches[index] = Fewer(_batches[index]);
        if (_next[index] is { } next && next.shape[0] == _samples[index].Length)
        {
            _next[index] = Fewer(next);
        }

        _samples[index] = [.. kept.Select(row => _samples[index][row])];

        Tensor Fewer(Tensor all)
        {
            var fewer = AtHome(index, all.index_select(0, RowIndex.Of(kept, all.device))).DetachFromDisposeScope();
            all.Dispose();
            return fewer;
        }
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
    public Tensor Load(int index) => _batches[index].to(DeviceOf(index), copy: true);

    /// <summary>Rows of a batch on the device. The caller owns them.</summary>
    public Tensor Load(int index, int start, int count)
    {
        using var rows = _batches[index].narrow(0, start, count);
        return rows.to(DeviceOf(index), copy: true);
    }

    /// <summary>One window, (1, tokens, hidden), on the device. The caller owns it.</summary>
    /// <param name="sample">Its number; it was not left out.</param>
    public Tensor LoadSample(int sample)
    {
        var batch = Array.FindIndex(_samples, samples => samples.Contains(sample));
        using var row = _batches[batch].narrow(0, Array.IndexOf(_samples[batch], sample), 1);
        return row.to(DeviceOf(batch), copy: true);
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

        if (_next[index] is not { } next || !next.shape.AsSpan().SequenceEqual(value.shape))
        {
            _next[index]?.Dispose();
            _next[index] = next = AtHome(index, empty(value.shape, dtype: _batches[index].dtype, device: HomeOf(index))).DetachFromDisposeScope();
        }

        next.copy_(value.detach());
    }

    /// <summary>Puts what was stored in the place of what it came from.</summary>
    public void Commit()
    {
        for (var i = 0; KeepsInputs && i < Count; i++)
        {
            if (_next[i] is { } next && !IsEmpty(i))
            {
                (_batches[i], _next[i]) = (next, _batches[i]); // the next block's outputs go where this one's inputs were
            }
        }
    }

    /// <summary>Gives the batches of devices that failed to those that are left, in turn. Their states must be readable.</summary>
    /// <param name="failed">Places of the devices that failed.</param>
    /// <param name="left">Places of those that are left.</param>
    public void Reassign(IReadOnlyCollection<int> failed, IReadOnlyList<int> left)
    {
        var next = 0;
        foreach (var index in Enumerable.Range(0, Count).Where(batch => failed.Contains(_owners[batch])))
        {
            using var scope = NewDisposeScope();
            _owners[index] = left[next++ % left.Count];
            _next[index]?.Dispose();
            _next[index] = null;
            if (_onDevices)
            {
                var moved = _batches[index].to(DeviceOf(index), copy: true).DetachFromDisposeScope();
                _batches[index].Dispose();
                _batches[index] = moved;
            }
        }
    }

    /// <summary>The tensor where a batch is kept, the argument itself where it is there. The caller owns both.</summary>
    public Tensor ToHome(int index, Tensor value) => IsHome(index, value) ? value.alias() : AtHome(index, value);

    /// <summary>Copies that have room on the devices; 0 where states are kept in main memory.</summary>
    public int RoomForCopies()
    {
        if (!_onDevices)
        {
            return 0;
        }

        var share = Math.Max(1, _batches.Sum(batch => batch.numel() * batch.element_size()) / _devices.Count);
        return (int)Math.Min(int.MaxValue, _devices.Min(device => StatesPlacement.RoomForInputs(ComputeDevices.Find(device)?.FreeMemoryBytes ?? 0) / share));
    }

    /// <summary>The same states once more, in tensors of their own: where these are, or in main memory where that has no room for them.</summary>
    public HiddenStates Copy() => Copy(onDevices: true);

    /// <summary>The same, kept where there is room for them.</summary>
    /// <param name="onDevices">Whether that is on the devices, where these are kept there.</param>
    public HiddenStates Copy(bool onDevices)
    {
        try
        {
            return CopyTo(onDevices && _onDevices);
        }
        catch (Exception exception) when (onDevices && _onDevices && Outcome.IsOutOfMemory(exception))
        {
            return CopyTo(onDevices: false);
        }
    }

    private HiddenStates CopyTo(bool onDevices)
    {
        var copy = new HiddenStates(new Tensor[Count], [.. _samples], [.. _owners], _devices, onDevices, _progress) { KeepsInputs = KeepsInputs };
        try
        {
            for (var i = 0; i < Count; i++)
            {
                using var scope = NewDisposeScope();
                copy._batches[i] = (onDevices == _onDevices ? Locked(_batches[i].clone(), DeviceOf(i)) : copy.AtHome(i, _batches[i])).DetachFromDisposeScope();
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
        foreach (var batch in _batches.Concat(_next))
        {
            batch?.Dispose(); // null where a stop came before all were made
        }
    }

    private bool IsHome(int index, Tensor value) => value.device.type == HomeOf(index).type && (value.device.type == DeviceType.CPU || value.device.index == Math.Max(DeviceOf(index).index, 0));

    private Tensor AtHome(int index, Tensor value) => Locked(IsHome(index, value) ? value : value.to(HomeOf(index)), DeviceOf(index));

    /// <summary>In memory that the GPU can copy from, where there is one to work on; else as it is.</summary>
    private static Tensor Locked(Tensor value, Device device)
    {
        if (device.type != DeviceType.CUDA || value.device.type != DeviceType.CPU)
        {
            return value;
        }

        using (value)
        {
            return value.pin_memory();
        }
    }
}
