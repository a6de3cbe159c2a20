using OneComp.Models;
using OneComp.Quantization;
using OneComp.Safetensors;

namespace OneComp.Formats;

/// <summary>
/// Writes a quantized checkpoint layer by layer: the plan alone gives every shape, so the files are laid out before the first
/// layer is quantized, and only one layer is ever in memory. Tensors that are not quantized are copied byte for byte, in the background
/// from the start.
/// </summary>
internal sealed class QuantizedCheckpointWriter : IDisposable
{
    private const int CopyBytes = 16 << 20;
    private readonly string _folder;
    private readonly CausalModel _source;
    private readonly QuantizationPlan _plan;
    private readonly List<SafetensorsWriter> _shards = [];
    private readonly Dictionary<string, SafetensorsWriter> _shardOf = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _copy;

    /// <summary>Lays the files out in <paramref name="folder"/>, which is there and empty.</summary>
    public QuantizedCheckpointWriter(string folder, CausalModel source, QuantizationPlan plan, long maxShardBytes = ShardPlan.MaxShardBytes)
    {
        (_folder, _source, _plan) = (folder, source, plan);
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        foreach (var (file, tensors) in ShardPlan.Of(Specs(), maxShardBytes))
        {
            var writer = SafetensorsWriter.Create(Path.Combine(folder, file), tensors, metadata);
            _shards.Add(writer);
            foreach (var tensor in tensors)
            {
                _shardOf.Add(tensor.Name, writer);
            }
        }

        _copy = Task.Run(CopyTheRest);
    }

    /// <summary>Writes one layer; <paramref name="weight"/> is borrowed.</summary>
    public void Write(QuantizedWeight weight) => LayerFormat.For(_plan.ByName[weight.Layer.Name].Scheme).Write(weight, name => _shardOf[name]);

    /// <summary>Waits for the copies, and gives the files their names.</summary>
    /// <returns>Bytes of all files in the folder.</returns>
    public long Complete(CancellationToken token)
    {
        using (token.Register(_stop.Cancel))
        {
            try
            {
                _copy.GetAwaiter().GetResult();
            }
            catch (OperationCanceledException)
            {
                token.ThrowIfCancellationRequested();
                throw;
            }
        }

        foreach (var shard in _shards)
        {
            token.ThrowIfCancellationRequested();
            shard.Commit();
        }

        if (_shards.Count > 1)
        {
            var files = _shardOf.ToDictionary(pair => pair.Key, pair => Path.GetFileName(pair.Value.Path));
            CheckpointFiles.WriteIndex(_folder, files, _shards.Sum(shard => shard.Tensors.Values.Sum(tensor => tensor.ByteCount)));
        }

        CheckpointFiles.CopySideFiles(_source.Checkpoint.Folder, _folder);
        CheckpointFiles.WriteConfig(_source.Config.Raw, QuantizationConfig.Of(_plan, _source.Config.NumLayers), _folder);
        return new DirectoryInfo(_folder).EnumerateFiles().Sum(file => file.Length);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _copy.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait();
        _stop.Dispose();
        foreach (var shard in _shards)
        {
            shard.Dispose();
        }
    }

    private IEnumerable<TensorSpec> Specs() => _source.Checkpoint.Tensors.Values
        .OrderBy(entry => entry.File, StringComparer.Ordinal)
        .ThenBy(entry => entry.Offset)
        .SelectMany(entry => LayerOf(entry) is { } planned
            ? LayerFormat.For(planned.Scheme).Specs(planned.Layer, planned.Scheme)
            : [new TensorSpec(entry.Name, entry.DType, entry.Shape)]);

    /// <summary>The planned layer whose weight the tensor is.</summary>
    private PlannedLayer? LayerOf(TensorEntry entry)
    {
        const string suffix = ".weight";
        return entry.Name.EndsWith(suffix, StringComparison.Ordinal) ? _plan.ByName.GetValueOrDefault(entry.Name[..^suffix.Length]) : null;
    }

    /// <summary>In the order of the files, so that disks read on.</summary>
    private void CopyTheRest()
    {
        var buffer = new byte[CopyBytes];
        foreach (var entry in _source.Checkpoint.Tensors.Values.Where(entry => LayerOf(entry) is null).OrderBy(entry => entry.File, StringComparer.Ordinal).ThenBy(entry => entry.Offset))
        {
            Copy(entry, buffer);
        }

        foreach (var shard in _shards)
        {
            _stop.Token.ThrowIfCancellationRequested();
            shard.Flush(); // else all of it would go to the disk at the end, with nothing left to do meanwhile
        }
    }

    private void Copy(TensorEntry entry, byte[] buffer)
    {
        for (long offset = 0; offset < entry.ByteCount; offset += buffer.Length)
        {
            _stop.Token.ThrowIfCancellationRequested();
            var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, entry.ByteCount - offset));
            _source.Checkpoint.CopyTo(entry, offset, piece);
            _shardOf[entry.Name].Write(entry.Name, offset, piece);
        }
    }
}
