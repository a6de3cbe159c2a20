namespace OneComp.Safetensors;

/// <summary>Turns what the system throws into an error that names the path.</summary>
internal static class FileErrors
{
    private const int UnixNoSpace = 28; // ENOSPC, on Linux and macOS
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>True for what the file system throws; anything else is a fault of ours and passes.</summary>
    public static bool IsFileError(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or NotSupportedException;

    public static SafetensorsException Reading(string path, Exception cause) => cause switch
    {
        FileNotFoundException or DirectoryNotFoundException => new(
            SafetensorsError.FileNotFound, path, $"File '{path}' is not there. Check the path.", cause),
        UnauthorizedAccessException => new(
            SafetensorsError.FileUnreadable, path, $"File '{path}' may not be read: {cause.Message} Check its permissions.", cause),
        _ => new(SafetensorsError.ReadFailed, path, $"Reading file '{path}' failed: {cause.Message}", cause),
    };

    public static SafetensorsException Writing(string path, Exception cause) => cause switch
    {
        DirectoryNotFoundException => new(
            SafetensorsError.FolderNotFound, path, $"File '{path}' cannot be written: its folder is not there. Create the folder first.", cause),
        UnauthorizedAccessException => new(
            SafetensorsError.FileUnwritable, path,
            $"File '{path}' may not be written: {cause.Message} Check the folder's permissions and that no program has the file open.", cause),
        { HResult: UnixNoSpace or WindowsDiskFull or WindowsHandleDiskFull } => DiskFull(path, cause),
        _ => new(SafetensorsError.WriteFailed, path, $"Writing file '{path}' failed: {cause.Message}", cause),
    };

    private static SafetensorsException DiskFull(string path, Exception cause) => new(
        SafetensorsError.DiskFull, path, $"The disk is full: file '{path}' cannot be written ({cause.Message}). Free space or choose another folder.", cause);
}
