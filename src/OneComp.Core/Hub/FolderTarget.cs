namespace OneComp.Hub;

/// <summary>Puts a model in a folder of its own. A file there that is the hub's stays; one that differs is replaced only by force.</summary>
/// <param name="folder">The folder, there or not.</param>
/// <param name="force">True to replace files that differ.</param>
internal sealed class FolderTarget(string folder, bool force) : HubTarget
{
    private const string LockName = ".onecomp-download.lock";

    /// <inheritdoc/>
    public override string Folder { get; } = folder;

    /// <inheritdoc/>
    public override void Check(HubFile file)
    {
        var path = HubFileName.Under(Folder, file.Name);
        if (!force && new FileInfo(path) is { Exists: true } there && there.Length != file.Length)
        {
            throw Differs(path);
        }
    }

    /// <inheritdoc/>
    public override long BytesMissing(HubFile file)
    {
        var path = HubFileName.Under(Folder, file.Name);
        return Missing(file, path, PartialOf(path, file));
    }

    /// <summary>Holds the folder against other downloads; disposing gives it back.</summary>
    public async Task<IDisposable> HoldAsync(Action waiting, CancellationToken token)
    {
        var path = Path.Combine(Folder, LockName);
        return new Hold(await FileLock.TakeAsync(path, waiting, token).ConfigureAwait(false), path);
    }

    /// <inheritdoc/>
    public override async Task<bool> PlaceAsync(HubFile file, Func<string, Task> fetch, Action waiting, CancellationToken token)
    {
        var path = HubFileName.Under(Folder, file.Name);
        if (File.Exists(path))
        {
            if (new FileInfo(path).Length == file.Length && file.Hash!.Value.MatchesFile(path, token))
            {
                return false;
            }

            if (!force)
            {
                throw Differs(path);
            }
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await fetch(PartialOf(path, file)).ConfigureAwait(false);
        File.Move(PartialOf(path, file), path, overwrite: true);
        return true;
    }

    /// <inheritdoc/>
    public override void Finish()
    {
    }

    /// <summary>The hash in its name keeps a partial file from being gone on with as another version's.</summary>
    private static string PartialOf(string path, HubFile file) => $"{path}.{file.Hash!.Value.Hex[..16]}{PartialFile.Suffix}";

    private static HubException Differs(string path) =>
        new(HubError.FileExists, path, $"'{path}' is there and is not the hub's file. Use -Force to replace it, or choose another -Destination.");

    private sealed class Hold(IDisposable file, string path) : IDisposable
    {
        public void Dispose()
        {
            file.Dispose();
            File.Delete(path);
        }
    }
}
