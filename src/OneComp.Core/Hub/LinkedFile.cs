namespace OneComp.Hub;

/// <summary>Files that may be links, as most of the cache's are.</summary>
internal static class LinkedFile
{
    /// <summary>Bytes of a file, or of the one that a link leads to; null where there is none, or the link leads nowhere.</summary>
    public static long? LengthOf(string path)
    {
        var file = new FileInfo(path);
        var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
        return target is { Exists: true } ? target.Length : null;
    }
}
