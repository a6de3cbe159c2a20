namespace OneComp.Build;

/// <summary>A file in an output folder that may be a hard link into the package cache.</summary>
internal static class LinkedCopy
{
    /// <summary>
    /// Gives the name new content. The old content stays what it is for the other links. The file's time is kept, so that the next
    /// build sees an unchanged copy.
    /// </summary>
    public static void Replace(string file, byte[] content)
    {
        var time = File.GetLastWriteTimeUtc(file);
        var temporary = file + ".tmp";
        File.WriteAllBytes(temporary, content);
        File.SetLastWriteTimeUtc(temporary, time);
        File.Move(temporary, file, overwrite: true);
    }
}
