using System.Security.Cryptography;
using System.Text;

namespace OneComp.Benchmarks.Faults;

/// <summary>What a run leaves at its destination and beside it.</summary>
internal static class ResultFolder
{
    private const string Record = "onecomp.json"; // says where the result was to go

    /// <summary>
    /// SHA-256 of every file but run.json, by name; and whatever hidden file or folder is left beside it, by its name. The destination's own path does not count.
    /// </summary>
    public static SortedDictionary<string, string> Hashes(string destination)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (Directory.Exists(destination))
        {
            foreach (var path in Directory.EnumerateFiles(destination).Where(path => Path.GetFileName(path) != "run.json"))
            {
                files.Add(Path.GetFileName(path), Hash(path, destination));
            }
        }

        foreach (var left in LeftBeside(destination))
        {
            files.Add(left, "left over");
        }

        return files;
    }

    private static string Hash(string path, string destination)
    {
        if (Path.GetFileName(path) == Record)
        {
            return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(File.ReadAllText(path).Replace(destination, "", StringComparison.Ordinal))));
        }

        using var file = File.OpenRead(path);
        return Convert.ToHexString(SHA256.HashData(file));
    }

    /// <summary>Hidden files and folders beside it, and temporary ones in it.</summary>
    public static IReadOnlyList<string> LeftBeside(string destination) =>
    [
        .. Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(destination)!, ".*").Select(path => Path.GetFileName(path)),
        .. Directory.Exists(destination)
            ? Directory.EnumerateFiles(destination).Select(path => Path.GetFileName(path)).Where(name => name.EndsWith(".tmp", StringComparison.Ordinal) || name.EndsWith(".part", StringComparison.Ordinal))
            : [],
    ];

    /// <summary>Deletes it and what is left beside it.</summary>
    public static void Clear(string destination)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(destination)!).Where(path => path == destination || Path.GetFileName(path).StartsWith('.')))
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }
    }
}
