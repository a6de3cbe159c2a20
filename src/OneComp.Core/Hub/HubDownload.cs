using System.Diagnostics;
using System.Globalization;
using OneComp.Progress;

namespace OneComp.Hub;

/// <summary>Brings a model from the hub: lists, checks names and room, fetches several files at once, and verifies each.</summary>
public static class HubDownload
{
    private const int MostFiles = 10_000;
    private const long MostBytes = 16L << 40;
    private const long SpaceLeft = 64 << 20; // a disk filled to the last byte serves nobody

    /// <summary>Fetches what is not there yet.</summary>
    /// <param name="options">What, and where to.</param>
    /// <param name="settings">Hub, cache and token.</param>
    /// <param name="progress">Hears of bytes and files.</param>
    /// <param name="token">Stops it; what came so far stays, and the next call goes on there.</param>
    /// <exception cref="HubException">The model cannot be had; the message says what to do.</exception>
    public static SavedModel Run(HubDownloadOptions options, HubSettings settings, IProgress<RunEvent>? progress = null, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(settings);
        return RunAsync(options, settings, progress, token).GetAwaiter().GetResult();
    }

    private static async Task<SavedModel> RunAsync(HubDownloadOptions options, HubSettings settings, IProgress<RunEvent>? events, CancellationToken token)
    {
        if (settings.Offline)
        {
            throw new HubException(HubError.NotInCache, options.Id.ToString(), $"{options.Id} was not fetched: HF_HUB_OFFLINE is set. Unset it, or fetch the model on a machine with internet (Save-OneCompModel -Destination) and pass the folder.");
        }

        var clock = Stopwatch.StartNew();
        using var client = new HubClient(settings, options.Id, events);
        var listing = await client.ListAsync(token).ConfigureAwait(false);
        var index = FileSelection.IndexOf(listing, options) is { } file ? await client.ReadFileAsync(listing.Commit, file, token).ConfigureAwait(false) : null;
        var files = await CompleteAsync(client, listing, FileSelection.Pick(listing, options, index, events), options, token).ConfigureAwait(false);
        var target = TargetOf(options, settings, listing.Commit);
        Check(files, target, options, settings);

        events?.Report(new VerboseEvent($"{options.Id} at {listing.Commit}: {files.Count} files go to {target.Folder}."));
        var transferred = new TransferProgress($"Downloading {options.Id.Repository}", files.Sum(item => item.Length), files.Count, events, TimeProvider.System);
        Action waiting = () => events?.Report(new VerboseEvent($"{options.Id}: another process fetches it; waiting."));
        using (target is FolderTarget folder ? await folder.HoldAsync(waiting, token).ConfigureAwait(false) : null)
        {
            var transfer = new FileTransfer(client, options.Id, listing.Commit, settings.ChunkBytes, transferred);
            var several = new ParallelOptions { MaxDegreeOfParallelism = settings.MaxParallel, CancellationToken = token };
            await Parallel.ForEachAsync(files, several, async (item, cancel) =>
            {
                var fetched = await target.PlaceAsync(item, path => transfer.FetchAsync(item, path, cancel), waiting, cancel).ConfigureAwait(false);
                transferred.Placed(fetched ? 0 : item.Length, fetched);
            }).ConfigureAwait(false);
            target.Finish();
        }

        return new SavedModel
        {
            Model = target.Folder,
            Id = options.Id.Repository,
            Revision = options.Id.Revision,
            Commit = listing.Commit,
            Files = files.Count,
            Bytes = files.Sum(item => item.Length),
            FilesFetched = transferred.FilesFetched,
            BytesFetched = transferred.BytesReceived,
            Elapsed = clock.Elapsed,
        };
    }

    private static async Task<List<HubFile>> CompleteAsync(HubClient client, HubListing listing, IReadOnlyList<HubFile> picked, HubDownloadOptions options, CancellationToken token)
    {
        if (picked.Count > MostFiles)
        {
            throw new HubException(HubError.TooLarge, options.Id.ToString(), $"{picked.Count} files of {options.Id} are wanted; at most {MostFiles} are allowed. Use -Include and -Exclude.");
        }

        var files = new List<HubFile>();
        foreach (var file in picked)
        {
            HubFileName.Require(file.Name);
            files.Add(await client.CompleteAsync(listing.Commit, file, token).ConfigureAwait(false));
        }

        return files;
    }

    private static HubTarget TargetOf(HubDownloadOptions options, HubSettings settings, string commit) => options.Destination is { } folder
        ? new FolderTarget(Path.GetFullPath(folder), options.Force)
        : new CacheTarget(new HubCache(settings.CacheFolder, options.Id), commit, options.Force, settings.Link);

    private static void Check(List<HubFile> files, HubTarget target, HubDownloadOptions options, HubSettings settings)
    {
        // One name in two spellings is one file on Windows and macOS.
        if (files.GroupBy(file => file.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new HubException(HubError.FileNameUnsafe, twice.Key, $"{options.Id} has '{HubFileName.Printable(twice.Key)}' twice, in different letters. Leave one out with -Exclude.");
        }

        if (files.Aggregate(0L, (sum, file) => sum > MostBytes ? sum : sum + Math.Min(file.Length, MostBytes)) > MostBytes)
        {
            throw new HubException(HubError.TooLarge, options.Id.ToString(), $"{options.Id} has more than {MostBytes >> 40} TiB, which is not fetched. Use -Include and -Exclude.");
        }

        files.ForEach(target.Check);
        var missing = files.Sum(target.BytesMissing);
        if (missing > 0 && settings.FreeSpace(target.Folder) is { } free && free < missing + SpaceLeft)
        {
            throw new HubException(HubError.DiskFull, target.Folder, string.Create(CultureInfo.InvariantCulture,
                $"{options.Id} needs {missing / 1e9:0.000} GB more at '{target.Folder}', where {free / 1e9:0.000} GB are free. Make room, or choose another disk with -Destination or HF_HUB_CACHE."));
        }
    }
}
