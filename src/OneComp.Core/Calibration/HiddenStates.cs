using OneComp.Models;
using OneComp.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>
/// What flows between blocks for a set of windows, (windows, tokens, hidden) a batch. Kept at <see cref="Home"/>: on the GPU where they
/// are small beside its free memory; else in main memory, page-locked so that the GPU copies straight from and to it, and then a batch
/// is on the device only while it is worked on. Owns its tensors.
/// </summary>
internal sealed class HiddenStates : IDisposable
{
    // Enough for matrix products to run at full rate; more only takes memory.
    private const int TokensPerCpuBatch = 1024;
    private const int TokensPerGpuBatch = 8192;

    // Of the GPU's free memory: error propagation keeps two sets of states, and inside the MLP each is several times as wide.
    private const int HomeShare = 16;

    private readonly Tensor[] _batches;
    private readonly int[][] _samples; // the window of each row, by batch
    private readonly Device _device;

    private HiddenStates(Tensor[] batches, int[][] samples, Device device, Device home)
    {
        _batches = batches;
        _samples = samples;
        _device = device;
        Home = home;
    }

    /// <summary>Where batches are worked on.</summary>
    public Device Device => _device;

    /// <summary>Where they are kept.</summary>
    public Device Home { get; }

    /// <summary>Batches held.</summary>
    public int Count => _batches.Length;

    /// <summary>Bytes of them all.</summary>
    public long Bytes => _batches.Sum(batch => batch.numel() * batch.element_size());

    /// <summary>Windows that go together, for windows of <paramref name="length"/> tokens.</summary>
    public static int WindowsPerBatch(int length, Device device) =>
        Math.Max(1, (device.type == DeviceType.CPU ? TokensPerCpuBatch : TokensPerGpuBatch) / length);

    /// <summary>Embeds windows of one length.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">Windows of token ids; all of a batch have one length.</param>
    /// <param name="device">Where to work.</param>
    /// <param name="type">Type that blocks compute in; the states have <see cref="ComputeType.OfStates"/> of it.</param>
    /// <param name="token">Asked before each batch.</param>
    public static HiddenStates Embed(CausalModel model, IReadOnlyList<Tensor> ids, Device device, ScalarType type, CancellationToken token = default)
    {
        using var noGrad = no_grad();
        type = ComputeType.OfStates(type);
        using var embedding = model.LoadEmbedding(device, type);
        var home = HomeFor(device, ids.Sum(batch => batch.numel()) * model.Config.HiddenSize * type.ElementSize());
        return Make(Number(ids), device, home, i => embedding.Forward(ids[i].to(device)).to(home), token);
    }

    /// <summary>Takes states up that were kept elsewhere.</summary>
    /// <param name="samples">The windows in each batch, by their number.</param>
    /// <param name="batch">Gives a batch on the CPU, (windows, tokens, hidden), in any type; asked in order.</param>
    /// <param name="bytes">Bytes of them all in <paramref name="type"/>.</param>
    /// <param name="device">Where to work.</param>
    /// <param name="type">Type of the states.</param>
    /// <param name="token">Asked before each batch.</param>
    public static HiddenStates Restore(int[][] samples, Func<int, Tensor> batch, long bytes, Device device, ScalarType type, CancellationToken token)
    {
        var home = HomeFor(device, bytes);
        return Make(samples, device, home, i => batch(i).to(type).to(home), token);
    }

    private static HiddenStates Make(int[][] samples, Device device, Device home, Func<int, Tensor> batch, CancellationToken token)
    {
        var batches = new Tensor[samples.Length];
        var states = new HiddenStates(batches, samples, device, home);
        try
        {
            for (var i = 0; i < batches.Length; i++)
            {
                token.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                batches[i] = Locked(batch(i), device).DetachFromDisposeScope();
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
    /// <param name="device">Where to work.</param>
    /// <param name="type">As for windows in batches.</param>
    /// <param name="token">Asked before each batch.</param>
    public static HiddenStates Embed(CausalModel model, TokenWindows windows, Device device, ScalarType type, CancellationToken token)
    {
        var ids = Batches(windows, device);
        try
        {
            return Embed(model, ids, device, type, token);
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

    private static Device HomeFor(Device device, long bytes) => device.type == TorchSharp.DeviceType.CUDA
        && ComputeDevices.List().FirstOrDefault(known => known.Name == $"cuda:{Math.Max(device.index, 0)}") is { } gpu
        && bytes <= gpu.FreeMemoryBytes / HomeShare
            ? device
            : CPU;

    /// <summary>Ids of <paramref name="windows"/> as batches, (windows, tokens) int64. The caller owns them.</summary>
    public static IReadOnlyList<Tensor> Batches(TokenWindows windows, Device device)
    {
        var perBatch = WindowsPerBatch(windows.Length, device);
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

    /// <summary>Batch <paramref name="index"/> at <see cref="Home"/>; borrowed.</summary>
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
        var fewer = Locked(_batches[index].index_select(0, RowIndex.Of(kept, Home)), _device).DetachFromDisposeScope();
        _batches[index].Dispose();
        (_batches[index], _samples[index]) = (fewer, [.. kept.Select(row => _samples[index][row])]);
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
    public Tensor Load(int index) => _batches[index].to(_device, copy: true);

    /// <summary>One window, (1, tokens, hidden), on the device. The caller owns it.</summary>
    /// <param name="sample">Its number; it was not left out.</param>
    public Tensor LoadSample(int sample)
    {
        var batch = Array.FindIndex(_samples, samples => samples.Contains(sample));
        using var row = _batches[batch].narrow(0, Array.IndexOf(_samples[batch], sample), 1);
        return row.to(_device, copy: true);
    }

    /// <summary>Replaces a batch by a copy of <paramref name="value"/>, which is borrowed.</summary>
    public void Store(int index, Tensor value)
    {
        using var scope = NewDisposeScope();
        _batches[index].copy_(value.detach());
    }

    /// <summary>The tensor at <see cref="Home"/>, the argument itself where it is there. The caller owns both.</summary>
    public Tensor ToHome(Tensor value) => value.device.type == Home.type ? value.alias() : Locked(value.to(Home), _device);

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

    /// <summary>The same states once more, in tensors of their own.</summary>
    public HiddenStates Copy() => new([.. _batches.Select(batch => Locked(batch.clone(), _device).DetachFromDisposeScope())], [.. _samples], _device, Home);

    public void Dispose()
    {
        foreach (var batch in _batches)
        {
            batch?.Dispose(); // null where a stop came before all were made
        }
    }
}
