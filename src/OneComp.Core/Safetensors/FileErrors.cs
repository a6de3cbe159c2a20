using System.Globalization;

namespace OneComp.Safetensors;

/// <summary>Turns what the system throws into an error that names the path.</summary>
internal static class FileErrors
{
    private const int UnixNoSpace = 28; // ENOSPC, on Linux and macOS
    private const int LinuxQuota = 122;  // EDQUOT
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int Unspecific = unchecked((int)0x80131620); // COR_E_IO: no code of the system

    /// <summary>True for what the file system throws; anything else is a fault of ours and passes.</summary>
    public static bool IsFileError(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or NotSupportedException;

    /// <summary>True when the path is there; unlike File.Exists it does not take a forbidden folder for an empty one.</summary>
    /// <exception cref="SafetensorsException">The system does not let us look.</exception>
    public static bool IsThere(string path)
    {
        try
        {
            File.GetAttributes(path);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (IsFileError(e))
        {
            throw Reading(path, e);
        }
    }

    public static SafetensorsException Reading(string path, Exception cause) => cause switch
    {
        FileNotFoundException or DirectoryNotFoundException => new(
            SafetensorsError.FileNotFound, path, $"File '{path}' is not there. Check the path.", cause),
        UnauthorizedAccessException => new(
            SafetensorsError.FileUnreadable, path,
            $"File '{path}' may not be read: {cause.Message} Check its permissions.", cause),
        _ => new(SafetensorsError.ReadFailed, path, $"Reading file '{path}' failed: {cause.Message}", cause),
    };

    /// <summary>True where the system says that a disk or a quota is full.</summary>
    public static bool IsDiskFull(Exception cause) =>
        cause is IOException { HResult: UnixNoSpace or WindowsDiskFull or WindowsHandleDiskFull } || (cause is IOException { HResult: LinuxQuota } && OperatingSystem.IsLinux());

    /// <summary>For making a file and reserving its room, which .NET answers without a code when there is no room.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="cause">What the system threw.</param>
    public static SafetensorsException Creating(string path, long bytes, Exception cause) =>
        cause.GetType() == typeof(IOException) && cause.HResult == Unspecific ? DiskFull(path, bytes, cause) : Writing(path, bytes, cause);

    /// <summary>For writing to a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytes">What was to be written; null where that is not known.</param>
    /// <param name="cause">What the system threw.</param>
    public static SafetensorsException Writing(string path, long? bytes, Exception cause) => cause switch
    {
        DirectoryNotFoundException => new(
            SafetensorsError.FolderNotFound, path,
            $"File '{path}' cannot be written: its folder is not there. Create the folder first.", cause),
        UnauthorizedAccessException => new(
            SafetensorsError.FileUnwritable, path,
            $"File '{path}' may not be written: {cause.Message} "
            + "Check the folder's permissions and that no program has the file open.", cause),
        _ when IsDiskFull(cause) => DiskFull(path, bytes, cause),
        _ => new(SafetensorsError.WriteFailed, path, $"Writing file '{path}' failed: {cause.Message}", cause),
    };

    private static SafetensorsException DiskFull(string path, long? bytes, Exception cause)
    {
        var need = bytes is { } count ? string.Create(CultureInfo.InvariantCulture, $" It needs {count} bytes{Free(path)}.") : "";
        return new(
            SafetensorsError.DiskFull, path,
            $"There is no room on the disk for file '{path}'.{need} Free space or choose another folder.", cause);
    }

    private static string Free(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && DiskSpace.FreeAt(folder) is { } free
        ? string.Create(CultureInfo.InvariantCulture, $", and {free} are free")
        : "";
}
