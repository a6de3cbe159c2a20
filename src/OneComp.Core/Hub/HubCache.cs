namespace OneComp.Hub;

/// <summary>
/// The folder of one model in the local cache, as Hugging Face's tools lay it out: <c>models--org--name/</c> with
/// <c>refs/{revision}</c> (a commit), <c>blobs/{hash}</c> (contents) and <c>snapshots/{commit}/{file}</c> (links to contents, or
/// the contents where links are not possible).
/// </summary>
internal sealed class HubCache(string cacheFolder, HubModelId id)
{
    /// <summary>The model's folder.</summary>
    public string Folder { get; } = Path.Combine(cacheFolder, "models--" + id.Repository.Replace("/", "--", StringComparison.Ordinal));

    /// <summary>Where contents are.</summary>
    public string Blobs => Path.Combine(Folder, "blobs");

    /// <summary>The file that a process holds while it fetches a content.</summary>
    public string LockOf(BlobHash hash) => Path.Combine(cacheFolder, ".locks", Path.GetFileName(Folder), hash.Hex + ".lock");

    /// <summary>Path of a content.</summary>
    public string BlobOf(BlobHash hash) => Path.Combine(Blobs, hash.Hex);

    /// <summary>Folder of a commit.</summary>
    public string SnapshotOf(string commit) => Path.Combine(Folder, "snapshots", commit);

    /// <summary>The snapshot that the id's revision names; null where the cache has none.</summary>
    public string? FindSnapshot()
    {
        var reference = Path.Combine([Folder, "refs", .. id.Revision.Split('/')]);
        var commit = HubListingReader.IsCommit(id.Revision) ? id.Revision.ToLowerInvariant()
            : File.Exists(reference) ? File.ReadAllText(reference).Trim()
            : null;
        return HubListingReader.IsCommit(commit) && Directory.Exists(SnapshotOf(commit!)) ? SnapshotOf(commit!) : null;
    }

    /// <summary>Notes which commit a branch or tag is.</summary>
    public void WriteReference(string commit)
    {
        if (HubListingReader.IsCommit(id.Revision))
        {
            return;
        }

        var path = HubFileName.Under(Path.Combine(Folder, "refs"), id.Revision);
        if (File.Exists(path) && File.ReadAllText(path) == commit)
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = path + PartialFile.Suffix;
        File.WriteAllText(temporary, commit);
        File.Move(temporary, path, overwrite: true);
    }
}
