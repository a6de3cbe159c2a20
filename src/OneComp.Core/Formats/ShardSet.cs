using OneComp.Safetensors;

namespace OneComp.Formats;

/// <summary>The safetensors files of a checkpoint being written: laid out first, then filled in any order.</summary>
internal sealed class ShardSet : IDisposable
{
    private const int CopyBytes = 16 << 20;
    private readonly string _folder;
    private readonly List<SafetensorsWriter> _shards = [];
    private readonly Dictionary<string, SafetensorsWriter> _shardOf = [];

    private ShardSet(string folder) => _folder = folder;

    /// <summary>Whether an earlier run left every file, to go on with.</summary>
    public bool Found { get; private set; }

    /// <summary>Temporary names of files that another run may go on with.</summary>
    public IEnumerable<string> Parts => _shards.Select(shard => shard.Path + PendingFile.PartSuffix);

    /// <summary>The files, with the temporary names of <see cref="Parts"/>.</summary>
    public IReadOnlyList<(SafetensorsWriter Writer, string Part)> Writers => [.. _shards.Zip(Parts)];

    /// <summary>Lays the files out in <paramref name="folder"/>, which is there and empty.</summary>
    public static ShardSet Create(string folder, IEnumerable<TensorSpec> tensors, long maxShardBytes = ShardPlan.MaxShardBytes) => Make(
        folder, tensors, maxShardBytes, SafetensorsWriter.Create);

    /// <summary>As the other, but goes on with the files that an earlier run left, and leaves them for the next until they are committed.</summary>
    public static ShardSet Continue(string folder, IEnumerable<TensorSpec> tensors, long maxShardBytes = ShardPlan.MaxShardBytes)
    {
        var all = true;
        var set = Make(folder, tensors, maxShardBytes, (path, specs, metadata) =>
        {
            var writer = SafetensorsWriter.Continue(path, specs, metadata, out var found);
            all &= found;
            return writer;
        });
        set.Found = all;
        return set;
    }

    private static ShardSet Make(
        string folder,
        IEnumerable<TensorSpec> tensors,
        long maxShardBytes,
        Func<string, IReadOnlyList<TensorSpec>, IReadOnlyDictionary<string, string>, SafetensorsWriter> create)
    {
        var set = new ShardSet(folder);
        try
        {
            var metadata = new Dictionary<string, string> { ["format"] = "pt" };
            foreach (var (file, specs) in ShardPlan.Of(tensors, maxShardBytes))
            {
                var writer = create(Path.Combine(folder, file), specs, metadata);
                set._shards.Add(writer);
                foreach (var spec in specs)
                {
                    set._shardOf.Add(spec.Name, writer);
                }
            }

            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    /// <summary>The file that a tensor goes to.</summary>
    public SafetensorsWriter FileOf(string tensor) => _shardOf[tensor];

    /// <summary>Copies a tensor byte for byte.</summary>
    public void Copy(Checkpoint source, TensorEntry entry, CancellationToken token)
    {
        var buffer = new byte[Math.Min(CopyBytes, entry.ByteCount)];
        for (long offset = 0; offset < entry.ByteCount; offset += buffer.Length)
        {
            token.ThrowIfCancellationRequested();
            var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, entry.ByteCount - offset));
            source.CopyTo(entry, offset, piece);
            _shardOf[entry.Name].Write(entry.Name, offset, piece);
        }
    }

    /// <summary>Brings what was written so far to the disk.</summary>
    public void Flush(CancellationToken token)
    {
        foreach (var shard in _shards)
        {
            token.ThrowIfCancellationRequested();
            shard.Flush();
        }
    }

    /// <summary>Gives the files their names, and writes an index where there are several.</summary>
    public void Commit()
    {
        foreach (var shard in _shards)
        {
            shard.Commit();
        }

        if (_shards.Count > 1)
        {
            var files = _shardOf.ToDictionary(pair => pair.Key, pair => Path.GetFileName(pair.Value.Path));
            CheckpointFiles.WriteIndex(_folder, files, _shards.Sum(shard => shard.Tensors.Values.Sum(tensor => tensor.ByteCount)));
        }
    }

    public void Dispose()
    {
        foreach (var shard in _shards)
        {
            shard.Dispose();
        }
    }
}
