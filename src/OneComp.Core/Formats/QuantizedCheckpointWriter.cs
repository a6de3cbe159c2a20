using OneComp.Models;
using OneComp.Quantization;
using OneComp.Safetensors;

namespace OneComp.Formats;

/// <summary>
/// Writes a quantized checkpoint layer by layer: the plan alone gives every shape, so the files are laid out before the first
/// layer is quantized, and only one layer is ever in memory. Tensors that are not quantized are copied byte for byte, in the
/// background from the start.
/// </summary>
internal sealed class QuantizedCheckpointWriter : IDisposable
{
    private const long FlushBytes = 256 << 20; // a stop waits for so much to reach the disk

    private readonly string _folder;
    private readonly CausalModel _source;
    private readonly QuantizationPlan _plan;
    private readonly ShardSet _shards;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _copy;

    /// <summary>Lays the files out in <paramref name="folder"/>, or goes on with those that an earlier run left there.</summary>
    public QuantizedCheckpointWriter(string folder, CausalModel source, QuantizationPlan plan, long maxShardBytes = ShardPlan.MaxShardBytes)
    {
        (_folder, _source, _plan) = (folder, source, plan);
        _shards = ShardSet.Continue(folder, Specs(), maxShardBytes);
        _copy = Task.Run(CopyTheRest);
    }

    /// <summary>Whether an earlier run left files of these tensors.</summary>
    public bool Found => _shards.Found;

    /// <summary>The files as they are being written.</summary>
    public IEnumerable<string> Parts => _shards.Parts;

    /// <summary>Says that an earlier run wrote a layer.</summary>
    public void MarkWritten(PlannedLayer planned)
    {
        foreach (var tensor in LayerFormat.For(planned.Scheme).Specs(planned.Layer, planned.Scheme))
        {
            _shards.FileOf(tensor.Name).MarkWritten(tensor.Name);
        }
    }

    /// <summary>Brings what was written so far to the disk.</summary>
    public void Flush(CancellationToken token) => _shards.Flush(token);

    /// <summary>Writes one layer; <paramref name="weight"/> is borrowed.</summary>
    public void Write(QuantizedWeight weight) => LayerFormat.For(_plan.ByName[weight.Layer.Name].Scheme).Write(weight, _shards.FileOf);

    /// <summary>Waits for the copies, and gives the files their names.</summary>
    public void Complete(CancellationToken token)
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

        _shards.Commit();
        CheckpointFiles.CopySideFiles(_source.Checkpoint.Folder, _folder);
        CheckpointFiles.WriteConfig(_source.Config.Raw, QuantizationConfig.Of(_plan, _source.Config.NumLayers), _folder);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _copy.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait();
        _stop.Dispose();
        _shards.Dispose();
    }

    /// <summary>In the order of the files, so that disks read on.</summary>
    private void CopyTheRest()
    {
        var rest = _source.Checkpoint.Tensors.Values.Where(entry => LayerOf(entry) is null);
        long waiting = 0;
        foreach (var entry in rest.OrderBy(entry => entry.File, StringComparer.Ordinal).ThenBy(entry => entry.Offset))
        {
            _shards.Copy(_source.Checkpoint, entry, _stop.Token);
            waiting += entry.ByteCount;
            if (waiting >= FlushBytes)
            {
                _shards.Flush(_stop.Token);
                waiting = 0;
            }
        }

        _shards.Flush(_stop.Token); // else all of it would go to the disk at the end, with nothing left to do meanwhile
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
}
