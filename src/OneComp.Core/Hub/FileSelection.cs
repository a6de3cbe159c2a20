using System.IO.Enumeration;
using System.Text.Json;
using OneComp.Progress;
using OneComp.Untrusted;

namespace OneComp.Hub;

/// <summary>Picks the files of a model that are to be fetched.</summary>
internal static class FileSelection
{
    private const string Config = "config.json";
    private const string Single = "model.safetensors";
    private const string Index = "model.safetensors.index.json";
    private static readonly string[] SideFiles = ["*.json", "tokenizer.model", "vocab.txt", "merges.txt", "*.jinja", "*.tiktoken", "LICENSE*", "NOTICE*", "USE_POLICY*", "README.md"];
    private static readonly string[] Pickles = [".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".ot", ".npy", ".npz"];

    /// <summary>The index of the shards, where the model has one and it is needed.</summary>
    public static HubFile? IndexOf(HubListing listing, HubDownloadOptions options) =>
        options.Need == ModelNeed.Weights && options.Include.Count == 0 ? listing.Files.FirstOrDefault(file => file.Name == Index) : null;

    /// <summary>Picks the files.</summary>
    /// <param name="listing">All files.</param>
    /// <param name="options">What is wanted.</param>
    /// <param name="index">Content of <see cref="IndexOf"/>; null where there is none.</param>
    /// <param name="events">Hears of pickled weights that are left out.</param>
    /// <exception cref="HubException">No file is left, or only pickled weights are.</exception>
    public static IReadOnlyList<HubFile> Pick(HubListing listing, HubDownloadOptions options, byte[]? index, IProgress<RunEvent>? events)
    {
        var id = options.Id.ToString();
        var isWanted = options.Include.Count > 0 ? Matches(options.Include) : Default(listing, options, index);
        var excluded = Matches(options.Exclude);
        var wanted = listing.Files.Where(file => isWanted(file.Name) && !excluded(file.Name)).ToList();
        var pickled = wanted.Where(file => IsPickle(file.Name)).ToList();
        if (pickled.Count > 0)
        {
            wanted.RemoveAll(pickled.Contains);
            events?.Report(new WarningEvent($"{id}: {pickled.Count} files of pickled weights are left out ({HubFileName.Printable(pickled[0].Name)}): a pickle can run code when it is read."));
        }

        if (options is { Need: ModelNeed.Weights, Include.Count: 0 } && !wanted.Any(file => IsSafetensors(file.Name)) && !listing.Files.Any(file => IsSafetensors(file.Name)))
        {
            var pickle = listing.Files.FirstOrDefault(file => IsPickle(file.Name));
            throw pickle is null
                ? new HubException(HubError.NothingSelected, id, $"{id} has no safetensors weights. Choose a model with {Single}.")
                : Pickled(id, pickle.Name);
        }

        return wanted.Count > 0 ? wanted
            : pickled.Count > 0 ? throw Pickled(id, pickled[0].Name)
            : throw new HubException(HubError.NothingSelected, id, $"{id} has {listing.Files.Count} files, and none of them is wanted: {Asked(options)}");
    }

    private static Func<string, bool> Default(HubListing listing, HubDownloadOptions options, byte[]? index)
    {
        if (options.Need == ModelNeed.Config)
        {
            return name => name == Config;
        }

        var side = Matches(SideFiles);
        var shards = index is null ? [Single] : Shards(index, options.Id.ToString());
        var missing = shards.FirstOrDefault(shard => !listing.Files.Any(file => file.Name == shard));
        return index is not null && missing is not null
            ? throw new HubException(HubError.AnswerInvalid, missing, $"{options.Id}: {Index} names '{HubFileName.Printable(missing)}', which the model does not have. Choose another revision.")
            : name => shards.Contains(name) || (!name.Contains('/') && side(name));
    }

    private static HashSet<string> Shards(byte[] index, string id)
    {
        try
        {
            using var document = StrictJson.ParseDocument(index);
            return [.. document.RootElement.GetProperty("weight_map").EnumerateObject().Select(tensor => tensor.Value.GetString()!)];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new HubException(HubError.AnswerInvalid, Index, $"{id}: {Index} is no index of shards: {exception.Message}", exception);
        }
    }

    private static Func<string, bool> Matches(IReadOnlyList<string> patterns) =>
        name => patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));

    private static bool IsSafetensors(string name) => name.EndsWith(".safetensors", StringComparison.Ordinal);

    private static bool IsPickle(string name) => Pickles.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    private static HubException Pickled(string id, string file) => new(HubError.PickledWeights, id,
        $"{id} has its weights only as pickles ('{HubFileName.Printable(file)}'), which can run code when they are read and are not used here. Choose a revision or model with safetensors, or convert it first (transformers: save_pretrained with safe_serialization).");

    private static string Asked(HubDownloadOptions options) => options.Include.Count + options.Exclude.Count == 0
        ? $"there is no {Config}."
        : $"-Include {string.Join(", ", options.Include)} -Exclude {string.Join(", ", options.Exclude)}. Patterns are compared with the whole path, as in 'sub/*.json'.";
}
