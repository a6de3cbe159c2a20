namespace OneComp.Hub;

/// <summary>Puts a model in the local cache: contents by their hash, and a snapshot of links to them.</summary>
/// <param name="cache">The model's part of the cache.</param>
/// <param name="commit">The commit that is fetched.</param>
/// <param name="force">True to fetch also what is there.</param>
/// <param name="link">Makes a link.</param>
internal sealed class CacheTarget(HubCache cache, string commit, bool force, Action<string, string> link) : HubTarget
{
    /// <inheritdoc/>
    public override string Folder { get; } = cache.SnapshotOf(commit);

    /// <inheritdoc/>
    public override void Check(HubFile file) => HubFileName.Under(Folder, file.Name);

    /// <inheritdoc/>
    public override long BytesMissing(HubFile file)
    {
        var blob = cache.BlobOf(file.Hash!.Value);
        return force ? file.Length : IsThere(HubFileName.Under(Folder, file.Name), file) ? 0 : Missing(file, blob, blob + PartialFile.Suffix);
    }

    /// <inheritdoc/>
    public override async Task<bool> PlaceAsync(HubFile file, Func<string, Task> fetch, Action waiting, CancellationToken token)
    {
        var hash = file.Hash!.Value;
        var (blob, path) = (cache.BlobOf(hash), HubFileName.Under(Folder, file.Name));
        if (!force && IsThere(path, file))
        {
            return false;
        }

        Directory.CreateDirectory(cache.Blobs);
        using var held = await FileLock.TakeAsync(cache.LockOf(hash), waiting, token).ConfigureAwait(false);
        var fetched = force || !IsThere(blob, file);
        if (fetched)
        {
            await fetch(blob + PartialFile.Suffix).ConfigureAwait(false);
            File.Move(blob + PartialFile.Suffix, blob, overwrite: true);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Show(blob, path, file, mayMove: fetched);
        return fetched;
    }

    /// <inheritdoc/>
    public override void Finish() => cache.WriteReference(commit);

    private static bool IsThere(string path, HubFile file) => LinkedFile.LengthOf(path) == file.Length;

    /// <summary>Lets the snapshot's file be the content: by a relative link, or, where the system allows none, by the content itself.</summary>
    private void Show(string blob, string path, HubFile file, bool mayMove)
    {
        File.Delete(path); // a link to an old content, or to none
        try
        {
            link(path, Path.GetRelativePath(Path.GetDirectoryName(path)!, blob));
            if (IsThere(path, file))
            {
                return;
            }

            File.Delete(path); // a file system that takes links but does not follow them
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Windows without developer mode, or a file system without links.
        }

        if (mayMove)
        {
            File.Move(blob, path);
        }
        else
        {
            var temporary = path + PartialFile.Suffix;
            File.Copy(blob, temporary, overwrite: true);
            File.Move(temporary, path);
        }
    }
}
