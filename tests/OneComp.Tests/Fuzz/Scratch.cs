namespace OneComp.Tests.Fuzz;

/// <summary>A folder for the files of one target, in memory where the system has such a place. The last input stays in it while it is read.</summary>
internal sealed class Scratch : IDisposable
{
    private const string Memory = "/dev/shm";
    private static readonly UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public Scratch()
    {
        if (OperatingSystem.IsLinux() && Directory.Exists(Memory))
        {
            Folder = System.IO.Path.Combine(Memory, $"onecomp-fuzz-{Guid.NewGuid():n}");
            Directory.CreateDirectory(Folder, Private);
        }
        else
        {
            Folder = Directory.CreateTempSubdirectory("onecomp-fuzz-").FullName;
        }
    }

    public string Folder { get; }

    public string Path(string name) => System.IO.Path.Combine(Folder, name);

    /// <summary>Writes a file and gives its path.</summary>
    public string Write(string name, ReadOnlySpan<byte> content)
    {
        var path = System.IO.Path.Combine(Folder, name);
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        RandomAccess.Write(file, content, 0);
        return path;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
