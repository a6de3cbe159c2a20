namespace OneComp.Hub;

/// <summary>A file of a model as the hub lists it.</summary>
/// <param name="Name">Path within the model; checked, see <see cref="HubFileName"/>.</param>
/// <param name="Size">Bytes; null where the list does not say.</param>
/// <param name="Hash">What its content is; null where the list does not say.</param>
internal sealed record HubFile(string Name, long? Size, BlobHash? Hash)
{
    /// <summary>Bytes, once known.</summary>
    public long Length => Size ?? 0;
}

/// <summary>The files of a model at a commit.</summary>
/// <param name="Commit">The commit, 40 hexadecimal digits.</param>
/// <param name="Files">The files.</param>
internal sealed record HubListing(string Commit, IReadOnlyList<HubFile> Files);
