using OneComp.Pipeline.Locking;
using OneComp.Progress;

namespace OneComp.Pipeline;

/// <summary>
/// An output folder that appears whole or not at all: files go to a hidden sibling, which takes the name at the end. A folder
/// that is to be replaced stays until then. A lock keeps other runs away meanwhile.
/// </summary>
internal sealed class DestinationFolder : IDisposable
{
    private readonly string _path;
    private readonly DestinationLock? _lock;

    private DestinationFolder(string path, string temporary, DestinationLock? taken) => (_path, Temporary, _lock) = (path, temporary, taken);

    /// <summary>Where to write.</summary>
    public string Temporary { get; }

    /// <summary>Checks the destination, locks it and makes the folder to write to.</summary>
    /// <param name="path">The folder to be.</param>
    /// <param name="force">True to replace what is there.</param>
    /// <param name="source">The model's folder, which must not be touched.</param>
    /// <param name="progress">Told of a lock that was taken over.</param>
    /// <exception cref="DestinationException">It exists and force is off, holds or is the source, is locked, or cannot be written.</exception>
    public static DestinationFolder Prepare(string path, bool force, string source, IProgress<RunEvent>? progress = null)
    {
        path = Full(path);
        Check(path, force, source);
        MakeParent(path);
        var taken = DestinationLock.Take(path, progress);
        try
        {
            Check(path, force, source); // another run may have ended meanwhile
            return Prepare(path, taken);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>As the other, for a destination that is checked and locked already.</summary>
    /// <exception cref="DestinationException">It cannot be written.</exception>
    public static DestinationFolder PrepareLocked(string path) => Prepare(Full(path), null);

    /// <summary>Makes the folder above the destination.</summary>
    /// <exception cref="DestinationException">It cannot be written.</exception>
    public static void MakeParent(string path) => Writing(Full(path), () => Directory.CreateDirectory(Path.GetDirectoryName(Full(path))!));

    /// <summary>Checks the destination without touching anything.</summary>
    /// <exception cref="DestinationException">It exists and force is off, or holds or is the source.</exception>
    public static void Check(string path, bool force, string source)
    {
        path = Full(path);
        source = Full(source);
        var (realPath, realSource) = (WithoutLinks(path), WithoutLinks(source));
        if (Holds(realPath, realSource) || Holds(realSource, realPath))
        {
            throw new DestinationException(DestinationError.OverlapsSource, path, $"'{path}' and the model's folder '{source}' are not apart: the result would mix with the source. Choose another -Destination.");
        }

        if (Path.GetFileName(path).Length == 0 || File.Exists(path))
        {
            throw new DestinationException(DestinationError.NotAFolder, path, $"'{path}' cannot be a folder for the result. Choose another -Destination.");
        }

        if (Ancestors(path).FirstOrDefault(File.Exists) is { } file)
        {
            throw new DestinationException(DestinationError.NotAFolder, path, $"'{path}' cannot be a folder for the result: '{file}' is a file. Choose another -Destination.");
        }

        if (!force && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            throw new DestinationException(DestinationError.Exists, path, $"'{path}' exists and is not empty. Use -Force to replace it, or choose another -Destination.");
        }
    }

    /// <summary>Gives the folder its name.</summary>
    public void Commit() => Replace(_path, Temporary);

    /// <summary>Gives a folder its name, in place of what has it now.</summary>
    /// <exception cref="DestinationException">A file of the old folder is in use.</exception>
    public static void Replace(string path, string temporary)
    {
        path = Full(path);
        var old = OldOf(temporary);
        try
        {
            if (Directory.Exists(path))
            {
                Directory.Move(path, old);
            }

            Directory.Move(temporary, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            PutBack(path, temporary);
            throw new DestinationException(DestinationError.NotWritable, path, $"'{path}' cannot be replaced: {exception.Message} Close what uses it, and try again.", exception);
        }

        Writing(path, () => DeleteIfThere(old));
    }

    /// <summary>Brings a folder back that was being replaced when the process was killed.</summary>
    public static void PutBack(string path, string temporary)
    {
        path = Full(path);
        if (Directory.Exists(OldOf(temporary)) && !Directory.Exists(path))
        {
            Directory.Move(OldOf(temporary), path);
        }
    }

    /// <summary>Deletes what was written, unless committed.</summary>
    public void Dispose()
    {
        try
        {
            DeleteIfThere(Temporary);
        }
        finally
        {
            _lock?.Dispose();
        }
    }

    /// <summary>Deletes a folder with all in it.</summary>
    public static void DeleteIfThere(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static DestinationFolder Prepare(string path, DestinationLock? taken)
    {
        var temporary = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.tmp");
        Writing(path, () =>
        {
            PutBack(path, temporary);
            DeleteIfThere(temporary); // what a killed run left
            DeleteIfThere(OldOf(temporary));
            Directory.CreateDirectory(temporary);
        });
        return new DestinationFolder(path, temporary, taken);
    }

    private static void Writing(string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw DestinationException.Of(path, "cannot be written", "Choose another -Destination, or change its permissions.", exception);
        }
    }

    private static string Full(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    private static string OldOf(string temporary) => temporary + ".old";

    private static IEnumerable<string> Ancestors(string path)
    {
        for (var parent = Path.GetDirectoryName(path); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            yield return parent;
        }
    }

    /// <summary>The path with every folder on it that is a link replaced by what the link leads to.</summary>
    private static string WithoutLinks(string path)
    {
        if (Path.GetDirectoryName(path) is not { } parent)
        {
            return path;
        }

        var here = Path.Combine(WithoutLinks(parent), Path.GetFileName(path));
        return Directory.Exists(here) && new DirectoryInfo(here).ResolveLinkTarget(returnFinalTarget: true) is { } target ? target.FullName : here;
    }

    private static bool Holds(string outer, string inner)
    {
        var comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return inner.Equals(outer, comparison) || inner.StartsWith(outer + Path.DirectorySeparatorChar, comparison);
    }
}
