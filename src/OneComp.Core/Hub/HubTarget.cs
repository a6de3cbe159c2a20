namespace OneComp.Hub;

/// <summary>Where the files of a model go.</summary>
internal abstract class HubTarget
{
    /// <summary>The folder that is a model when all files are there.</summary>
    public abstract string Folder { get; }

    /// <summary>Checks a file's name against the folder, without touching anything.</summary>
    /// <exception cref="HubException">The name is unsafe.</exception>
    public abstract void Check(HubFile file);

    /// <summary>Bytes that must still be written for a file; 0 where it is there.</summary>
    public abstract long BytesMissing(HubFile file);

    /// <summary>Puts a file in its place, fetching it unless it is there.</summary>
    /// <param name="file">The file, with size and hash.</param>
    /// <param name="fetch">Fills a partial file at a path.</param>
    /// <param name="waiting">Called when another process holds the file.</param>
    /// <param name="token">Stops it.</param>
    /// <returns>False where it was there.</returns>
    public abstract Task<bool> PlaceAsync(HubFile file, Func<string, Task> fetch, Action waiting, CancellationToken token);

    /// <summary>Called when all files are in their places.</summary>
    public abstract void Finish();

    /// <summary>Bytes missing, given the places of the whole and of the partial file.</summary>
    protected static long Missing(HubFile file, string whole, string partial) =>
        new FileInfo(whole) is { Exists: true } there && there.Length == file.Length ? 0
        : file.Length - (new FileInfo(partial) is { Exists: true } begun ? Math.Min(begun.Length, file.Length) : 0);
}
