namespace OneComp.Safetensors;

/// <summary>
/// The weights of a model folder: shards with model.safetensors.index.json, or else model.safetensors. Headers are read at
/// once, data as it is copied out. Where there is an index, it alone decides which tensors there are.
/// </summary>
public sealed unsafe class Checkpoint : TensorSource, IDisposable
{
    private const string IndexName = "model.safetensors.index.json";
    private const string SingleName = "model.safetensors";
    private static readonly string[] Pickles = [".bin", ".pt", ".pth", ".ckpt", ".pkl"];

    private readonly Dictionary<string, SafetensorsFile> _files; // by full path
    private readonly Dictionary<string, TensorEntry> _tensors;

    private Checkpoint(string folder, Dictionary<string, SafetensorsFile> files, Dictionary<string, TensorEntry> tensors)
    {
        Folder = folder;
        _files = files;
        _tensors = tensors;
        Files = [.. files.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>Full path of the folder.</summary>
    public string Folder { get; }

    /// <summary>Full paths of the safetensors files, ordered by name.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, TensorEntry> Tensors => _tensors;

    private protected override string Place => Folder;

    /// <summary>Opens a model folder and checks the header of every file.</summary>
    /// <exception cref="SafetensorsException">
    /// The folder holds no model (<see cref="SafetensorsError.CheckpointNotFound"/>), or its index or a file breaks a rule.
    /// </exception>
    public static Checkpoint Open(string folder)
    {
        string fullPath = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string index = Path.Combine(fullPath, IndexName);
        string single = Path.Combine(fullPath, SingleName);
        if (!Directory.Exists(fullPath))
        {
            throw new SafetensorsException(SafetensorsError.CheckpointNotFound, fullPath,
                $"Model folder '{fullPath}' is not there; a folder with {IndexName} or {SingleName} was expected."
                + " Check the path.");
        }

        bool sharded = FileErrors.IsThere(index);
        if (!sharded && !FileErrors.IsThere(single))
        {
            throw NoWeights(fullPath);
        }

        var files = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        try
        {
            return sharded ? OpenShards(fullPath, index, files) : OpenSingle(fullPath, single, files);
        }
        catch
        {
            foreach (SafetensorsFile file in files.Values) file.Dispose();
            throw;
        }
    }

    /// <summary>Files of a folder that are still being written, under the names that they have till then.</summary>
    /// <exception cref="SafetensorsException">A file breaks a rule.</exception>
    internal static Checkpoint OpenUnfinished(string folder, IEnumerable<string> paths)
    {
        var files = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        try
        {
            foreach (string path in paths)
            {
                var file = SafetensorsFile.Open(path, FileShare.ReadWrite | FileShare.Delete);
                files.Add(file.Path, file);
            }

            return new Checkpoint(folder, files, files.Values.SelectMany(file => file.Tensors).ToDictionary(StringComparer.Ordinal));
        }
        catch
        {
            foreach (SafetensorsFile file in files.Values) file.Dispose();
            throw;
        }
    }

    /// <summary>Closes all files.</summary>
    public void Dispose()
    {
        foreach (SafetensorsFile file in _files.Values) file.Dispose();
    }

    internal override void Copy(TensorEntry entry, long offset, byte* destination, long count)
    {
        if (!_files.TryGetValue(entry.File, out SafetensorsFile? file))
        {
            throw new ArgumentException($"tensor {entry.Name} of {entry.File} is not one of {Folder}", nameof(entry));
        }

        file.Copy(entry, offset, destination, count);
    }

    private static SafetensorsException NoWeights(string folder)
    {
        string? pickle = Directory.EnumerateFiles(folder)
            .Select(path => Path.GetFileName(path))
            .Where(name => Pickles.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .FirstOrDefault();
        return pickle is null
            ? new SafetensorsException(SafetensorsError.CheckpointNotFound, folder,
                $"Folder '{folder}' holds neither {IndexName} nor {SingleName}. Give the folder of a Hugging Face model with safetensors weights.")
            : new SafetensorsException(SafetensorsError.PickledWeights, folder,
                $"Folder '{folder}' has its weights as pickles ({Quoted.Text(pickle)}), which can run code when they are read and are never read here. "
                + "Look for a revision of the model with safetensors, or convert it where you trust it (transformers: save_pretrained with safe_serialization).");
    }

    private static Checkpoint OpenSingle(string folder, string path, Dictionary<string, SafetensorsFile> files)
    {
        FolderLinks.Require(folder, path);
        var file = SafetensorsFile.Open(path);
        files.Add(file.Path, file);
        return new Checkpoint(folder, files, new Dictionary<string, TensorEntry>(file.Tensors, StringComparer.Ordinal));
    }

    private static Checkpoint OpenShards(string folder, string index, Dictionary<string, SafetensorsFile> files)
    {
        var tensors = new Dictionary<string, TensorEntry>(StringComparer.Ordinal);
        foreach ((string name, string shard) in ShardIndex.Read(index))
        {
            string path = Path.GetFullPath(Path.Combine(folder, shard));
            if (!files.TryGetValue(path, out SafetensorsFile? file))
            {
                if (!FileErrors.IsThere(path))
                {
                    throw new SafetensorsException(SafetensorsError.IndexShardMissing, path,
                        $"The index '{index}' names {Quoted.Text(shard)}, which is not in the folder. "
                        + "Download the model's missing files.");
                }

                FolderLinks.Require(folder, path);
                files.Add(path, file = SafetensorsFile.Open(path));
            }

            tensors.Add(name, file.Tensors.TryGetValue(name, out TensorEntry? entry)
                ? entry
                : throw new SafetensorsException(SafetensorsError.IndexTensorMissing, path,
                    $"The index '{index}' says that {Quoted.Text(shard)} holds tensor {Quoted.Text(name)}, but it does not. "
                    + "Index and files do not belong together."));
        }

        return new Checkpoint(folder, files, tensors);
    }
}
