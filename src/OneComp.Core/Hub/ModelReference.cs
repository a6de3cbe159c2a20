using OneComp.Progress;

namespace OneComp.Hub;

/// <summary>
/// A model as a user names it: a folder, or an id on the hub. A folder that is there wins. An id is looked for in the local cache
/// first, and what a task needs is fetched into the cache only when it is not there.
/// </summary>
public sealed class ModelReference
{
    private const string Index = "model.safetensors.index.json";
    private readonly string? _folder;
    private readonly HubModelId? _id;

    private ModelReference(string name, string? folder, HubModelId? id) => (Name, _folder, _id) = (name, folder, id);

    /// <summary>The full path of a folder, or the id; gives the same model wherever a model is asked for.</summary>
    public string Name { get; }

    /// <summary>A folder that is there.</summary>
    public static ModelReference ToFolder(string path) => new(path, path, null);

    /// <summary>A model on the hub or in its cache; null where the text is no id, or one without org/ that the cache does not have.</summary>
    public static ModelReference? TryId(string text, HubSettings? settings = null) =>
        HubModelId.TryParse(text) is { } id && (id.HasOwner || new HubCache((settings ?? HubSettings.FromEnvironment()).CacheFolder, id).FindSnapshot() is not null)
            ? new(text, null, id)
            : null;

    /// <summary>Ids of the models in the local cache that have a main revision, in order.</summary>
    public static IReadOnlyList<string> Cached(HubSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        const string prefix = "models--";
        return !Directory.Exists(settings.CacheFolder) ? [] : [.. Directory.EnumerateDirectories(settings.CacheFolder, prefix + "*")
            .Select(folder => HubModelId.TryParse(Path.GetFileName(folder)[prefix.Length..].Replace("--", "/", StringComparison.Ordinal)))
            .Where(id => id is not null && new HubCache(settings.CacheFolder, id).FindSnapshot() is not null)
            .Select(id => id!.ToString())
            .Order(StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Whether the model is an id, and the cache lacks what is needed: finding it will ask the hub.</summary>
    public bool MustFetch(ModelNeed need, HubSettings? settings = null) =>
        _id is not null && !Holds(new HubCache((settings ?? HubSettings.FromEnvironment()).CacheFolder, _id).FindSnapshot(), need);

    /// <summary>The folder with what is needed, fetched if it must be.</summary>
    /// <param name="need">What the task needs.</param>
    /// <param name="settings">Hub and cache; those of the environment when left out.</param>
    /// <param name="progress">Hears of a download.</param>
    /// <param name="token">Stops a download.</param>
    /// <exception cref="HubException">It is neither in the cache nor to be had; the message says where was looked and what to do.</exception>
    public string Find(ModelNeed need, HubSettings? settings = null, IProgress<RunEvent>? progress = null, CancellationToken token = default)
    {
        if (_id is null)
        {
            return _folder!;
        }

        settings ??= HubSettings.FromEnvironment();
        var cache = new HubCache(settings.CacheFolder, _id);
        var snapshot = cache.FindSnapshot();
        if (Holds(snapshot, need))
        {
            return snapshot!;
        }

        if (settings.Offline || !_id.HasOwner)
        {
            throw new HubException(HubError.NotInCache, Name,
                $"There is no folder '{Name}', and the Hugging Face cache {(snapshot is null ? $"has no {_id} ({cache.Folder})" : $"lacks the {(need == ModelNeed.Config ? "config.json" : "weights")} of {_id} ({snapshot})")}. "
                + (settings.Offline ? "HF_HUB_OFFLINE is set, so the hub was not asked. Fetch the model on a machine with internet (Save-OneCompModel -Destination) and pass the folder, or unset HF_HUB_OFFLINE."
                    : "The hub is asked only for ids of the form org/name. Give the folder's path, or fetch the model with Save-OneCompModel."));
        }

        progress?.Report(new VerboseEvent($"There is no folder '{Name}' and no whole {_id} in the cache ({cache.Folder}): fetching it from {settings.Endpoint.Host}."));
        try
        {
            return HubDownload.Run(new HubDownloadOptions { Id = _id, Need = need }, settings, progress, token).Model;
        }
        catch (HubException exception) when (exception.Error is HubError.ModelNotFound or HubError.Unreachable)
        {
            throw new HubException(exception.Error, exception.Subject, $"There is no folder '{Name}', nor the model in the cache ({cache.Folder}). {exception.Message}", exception);
        }
    }

    /// <summary>The name to show for a model's folder: the id for one in the cache, whose folder is named by its commit; else the folder's.</summary>
    public static string DisplayName(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var parts = Path.TrimEndingDirectorySeparator(folder).Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar);
        return parts is [.., var model, "snapshots", var commit] && HubListingReader.IsCommit(commit) && model.StartsWith("models--", StringComparison.Ordinal)
            ? model["models--".Length..].Replace("--", "/", StringComparison.Ordinal)
            : parts[^1];
    }

    private static bool Holds(string? snapshot, ModelNeed need) => snapshot is not null
        && LinkedFile.LengthOf(Path.Combine(snapshot, "config.json")) is not null
        && (need == ModelNeed.Config || HoldsWeights(snapshot));

    private static bool HoldsWeights(string snapshot)
    {
        var index = Path.Combine(snapshot, Index);
        try
        {
            return File.Exists(index)
                ? Safetensors.ShardIndex.Read(index).Values.Distinct().All(shard => LinkedFile.LengthOf(Path.Combine(snapshot, shard)) is not null)
                : LinkedFile.LengthOf(Path.Combine(snapshot, "model.safetensors")) is not null;
        }
        catch (Safetensors.SafetensorsException)
        {
            return true; // opening it says what is wrong with it
        }
    }
}
