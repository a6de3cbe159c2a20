namespace OneComp.Reports;

/// <summary>Writes a report so that the file is there whole or not at all.</summary>
public static class ReportFile
{
    /// <summary>Says whether a report can be put at <paramref name="path"/>, before the work of making it.</summary>
    /// <param name="path">File to write.</param>
    /// <param name="force">True to replace a file that is there.</param>
    /// <exception cref="ReportException">FileExists, PathIsFolder or FolderNotFound.</exception>
    public static void CheckDestination(string path, bool force)
    {
        string file = Path.GetFullPath(path);
        if (Directory.Exists(file))
        {
            throw new ReportException(ReportError.PathIsFolder, file, $"'{file}' is a folder; name a file in it.");
        }

        string? folder = Path.GetDirectoryName(file);
        if (!Directory.Exists(folder))
        {
            throw new ReportException(
                ReportError.FolderNotFound, file, $"The folder '{folder}' is not there; make it first, or write '{Path.GetFileName(file)}' elsewhere.");
        }

        if (File.Exists(file) && !force)
        {
            throw FileExists(file);
        }
    }

    /// <summary>
    /// Has <paramref name="write"/> make the file under a temporary name in the same folder, with the same extension, and then renames it.
    /// When that fails the temporary file is gone and a file that was there before is untouched.
    /// </summary>
    /// <param name="path">File to write.</param>
    /// <param name="force">True to replace a file that is there.</param>
    /// <param name="write">Gets the temporary file's full path and writes it.</param>
    /// <exception cref="ReportException">As <see cref="CheckDestination"/>, and AccessDenied or WriteFailed.</exception>
    public static void Write(string path, bool force, Action<string> write)
    {
        CheckDestination(path, force);
        string file = Path.GetFullPath(path);
        string extension = Path.GetExtension(file);
        string temporary = Path.Combine(Path.GetDirectoryName(file)!, $".{Path.GetFileNameWithoutExtension(file)}.{Guid.NewGuid():N}{extension}");
        try
        {
            write(temporary);
            File.Move(temporary, file, overwrite: force);
        }
        catch (UnauthorizedAccessException cause)
        {
            throw new ReportException(
                ReportError.AccessDenied, file, $"'{file}' cannot be written: {cause.Message} Check the rights to the file and its folder.", cause);
        }
        catch (IOException cause)
        {
            // Another process may have put the file there while this one wrote.
            throw !force && File.Exists(file)
                ? FileExists(file)
                : new ReportException(
                    ReportError.WriteFailed, file, $"Writing '{file}' failed: {cause.Message} Check the disk, and that no program has the file open.", cause);
        }
        finally
        {
            RemoveIfLeft(temporary);
        }
    }

    private static ReportException FileExists(string file) =>
        new(ReportError.FileExists, file, $"'{file}' is there already; use Force to replace it, or another name.");

    private static void RemoveIfLeft(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // The failure that left it is already on its way to the caller.
        }
    }
}
