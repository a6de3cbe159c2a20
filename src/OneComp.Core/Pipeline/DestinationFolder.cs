using System.Globalization;

namespace OneComp.Pipeline;

/// <summary>
/// An output folder that appears whole or not at all: files go to a hidden sibling, which takes the name at the end. A folder
/// that is to be replaced stays until then.
/// </summary>
internal sealed class DestinationFolder : IDisposable
{
    private readonly string _path;
    private bool _committed;

    private DestinationFolder(string path, string temporary) => (_path, Temporary) = (path, temporary);

    /// <summary>Where to write.</summary>
    public string Temporary { get; }

    /// <summary>Checks the destination and makes the folder to write to.</summary>
    /// <param name="path">The folder to be.</param>
    /// <param name="force">True to replace what is there.</param>
    /// <param name="source">The model's folder, which must not be touched.</param>
    /// <exception cref="DestinationException">It exists and force is off, holds or is the source, or cannot be written.</exception>
    public static DestinationFolder Prepare(string path, bool force, string source)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        Check(path, force, source);
        var parent = Path.GetDirectoryName(path)!;
        var temporary = Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $".{Path.GetFileName(path)}.{Environment.ProcessId}.tmp"));
        try
        {
            Directory.CreateDirectory(parent);
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true); // a run of an earlier process with this id was killed
            }

            Directory.CreateDirectory(temporary);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DestinationException(DestinationError.NotWritable, path, $"'{path}' cannot be written: {exception.Message} Choose another -Destination, or change its permissions.", exception);
        }

        return new DestinationFolder(path, temporary);
    }

    /// <summary>Checks the destination without touching anything.</summary>
    /// <exception cref="DestinationException">It exists and force is off, or holds or is the source.</exception>
    public static void Check(string path, bool force, string source)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        source = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source));
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
    public void Commit()
    {
        var old = Temporary + ".old";
        try
        {
            var replaces = Directory.Exists(_path);
            if (replaces)
            {
                Directory.Move(_path, old);
            }

            Directory.Move(Temporary, _path);
            _committed = true;
            if (replaces)
            {
                Directory.Delete(old, recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_committed && Directory.Exists(old) && !Directory.Exists(_path))
            {
                Directory.Move(old, _path);
            }

            throw new DestinationException(DestinationError.NotWritable, _path, $"'{_path}' cannot be replaced: {exception.Message} Close what uses it, and try again.", exception);
        }
    }

    /// <summary>Deletes what was written, unless committed.</summary>
    public void Dispose()
    {
        if (!_committed && Directory.Exists(Temporary))
        {
            Directory.Delete(Temporary, recursive: true);
        }
    }

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
