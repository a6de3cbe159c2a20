using OneComp.Untrusted;

namespace OneComp.Safetensors;

/// <summary>
/// Links in a model folder (docs/adr/0030). A file of the folder may be a link to another file of the folder, or, in a snapshot of the Hugging Face
/// cache, to one of its own model's blobs. Any other link would have a downloaded folder choose which files of this machine are read and copied.
/// </summary>
internal static class FolderLinks
{
    /// <summary>Set to 1 where links in model folders are one's own.</summary>
    public const string Variable = "ONECOMP_ALLOW_LINKS";

    /// <summary>Refuses a file that is a link to somewhere else. One that is not there is the reader's matter.</summary>
    /// <param name="folder">The model folder, which may be a link itself.</param>
    /// <param name="path">A file in it.</param>
    /// <exception cref="SafetensorsException">LinkOutsideFolder, or FileUnreadable.</exception>
    public static void Require(string folder, string path)
    {
        try
        {
            if (new FileInfo(path).LinkTarget is not null && !IsAllowed(folder, path))
            {
                throw new SafetensorsException(SafetensorsError.LinkOutsideFolder, path,
                    $"'{path}' is a link to {Quoted.Text(RealPath.Of(path))}, outside its model folder, so it is not read. Put the file itself there; where the link is your own, set {Variable}=1.");
            }
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Reading(path, exception);
        }
    }

    /// <summary>Whether a file may be read, link or not.</summary>
    public static bool IsAllowed(string folder, string path)
    {
        if (new FileInfo(path).LinkTarget is null || Environment.GetEnvironmentVariable(Variable) == "1")
        {
            return true;
        }

        var (real, target) = (RealPath.Of(folder), RealPath.Of(path));
        return IsUnder(real, target) || (BlobsOf(real) is { } blobs && IsUnder(RealPath.Of(blobs), target));
    }

    // models--org--name/snapshots/COMMIT has its contents in models--org--name/blobs.
    private static string? BlobsOf(string folder) =>
        Path.GetDirectoryName(folder) is { } snapshots && Path.GetFileName(snapshots) == "snapshots" && Path.GetDirectoryName(snapshots) is { } model
            && Path.GetFileName(model).StartsWith("models--", StringComparison.Ordinal)
            ? Path.Combine(model, "blobs")
            : null;

    private static bool IsUnder(string folder, string path) =>
        path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
