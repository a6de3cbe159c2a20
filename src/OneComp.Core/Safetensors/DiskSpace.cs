namespace OneComp.Safetensors;

/// <summary>The room on a disk.</summary>
internal static class DiskSpace
{
    /// <summary>Bytes that the user may still write where the folder is or will be; null where the system does not say.</summary>
    public static long? FreeAt(string folder)
    {
        try
        {
            var there = Path.GetFullPath(folder);
            while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } parent)
            {
                there = parent;
            }

            return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(there)! : there).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // a network share without a letter
        }
    }
}
