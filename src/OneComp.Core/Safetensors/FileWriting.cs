namespace OneComp.Safetensors;

/// <summary>Writes small files whole, with errors that name the path, and the need where the disk is full.</summary>
internal static class FileWriting
{
    private const int PieceBytes = 1 << 20;

    /// <summary>Writes a file.</summary>
    /// <exception cref="SafetensorsException">DiskFull, FileUnwritable, FolderNotFound or WriteFailed.</exception>
    public static void Write(string path, byte[] content) => Guard(path, content.LongLength, () => File.WriteAllBytes(path, content));

    /// <summary>Writes a file aside, brings it to the disk and gives it its name: whole or not at all.</summary>
    /// <exception cref="SafetensorsException">As <see cref="Write"/>.</exception>
    public static void Replace(string path, byte[] content) => Guard(path, content.LongLength, () =>
    {
        var aside = path + ".tmp";
        using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    });

    /// <summary>Copies a file, without its read-only mark: an output must be replaceable.</summary>
    /// <exception cref="SafetensorsException">As <see cref="Write"/>; FileNotFound or FileUnreadable for the source.</exception>
    public static void Copy(string source, string copy, bool overwrite = false)
    {
        // Piece by piece, not by File.Copy: what the system cannot read is not to be told as what it cannot write.
        using var from = Reading(source, () => File.OpenRead(source));
        Guard(copy, from.Length, () =>
        {
            using var to = new FileStream(copy, overwrite ? FileMode.Create : FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
            var piece = new byte[PieceBytes];
            for (int count; (count = Reading(source, () => from.Read(piece))) > 0;)
            {
                to.Write(piece, 0, count);
            }
        });
    }

    private static T Reading<T>(string source, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception cause) when (FileErrors.IsFileError(cause))
        {
            throw FileErrors.Reading(source, cause);
        }
    }

    private static void Guard(string path, long bytes, Action write)
    {
        try
        {
            write();
        }
        catch (Exception cause) when (FileErrors.IsFileError(cause))
        {
            throw FileErrors.Writing(path, bytes, cause);
        }
    }
}
