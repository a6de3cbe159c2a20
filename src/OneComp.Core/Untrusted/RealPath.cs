namespace OneComp.Untrusted;

/// <summary>A path with every link in it followed.</summary>
internal static class RealPath
{
    private const int MostLinks = 40; // as Linux has it

    /// <summary>Where a path leads to; parts that are not there stay as they are.</summary>
    /// <exception cref="IOException">Links go round in a circle.</exception>
    public static string Of(string path)
    {
        var links = 0;
        return Follow(Path.GetFullPath(path), ref links);
    }

    private static string Follow(string path, ref int links)
    {
        var root = Path.GetPathRoot(path)!;
        var real = root;
        foreach (var part in path[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"'{path}' goes through more than {MostLinks} links.");
            }

            real = Follow(Path.GetFullPath(Path.Combine(real, target)), ref links);
        }

        return real;
    }
}
