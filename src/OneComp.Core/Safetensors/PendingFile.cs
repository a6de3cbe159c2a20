using Microsoft.Win32.SafeHandles;

namespace OneComp.Safetensors;

/// <summary>
/// A file that has a temporary name in its folder until <see cref="Commit"/>; <see cref="Dispose"/> without it leaves nothing behind, but for a
/// file that is written over several runs, which keeps its temporary name between them. Several threads may write at once.
/// </summary>
internal sealed class PendingFile : IDisposable
{
    /// <summary>Ends the temporary name of a file that is written over several runs.</summary>
    public const string PartSuffix = ".part";

    private readonly SafeFileHandle _handle;
    private readonly string _temporaryPath;
    private readonly bool _stays;

    private PendingFile(string path, string temporaryPath, SafeFileHandle handle, bool stays)
    {
        Path = path;
        _temporaryPath = temporaryPath;
        _handle = handle;
        _stays = stays;
    }

    /// <summary>Full path of the file after <see cref="Commit"/>.</summary>
    public string Path { get; }

    /// <summary>True once it was committed or disposed.</summary>
    public bool IsClosed => _handle.IsClosed;

    /// <summary>Makes the temporary file, reserves its room on the disk and writes its first bytes.</summary>
    /// <param name="path">The full path; replaced at <see cref="Commit"/> if it exists.</param>
    /// <param name="header">The first bytes.</param>
    /// <param name="length">Bytes of the whole file.</param>
    /// <exception cref="SafetensorsException">The file cannot be made.</exception>
    public static PendingFile Create(string path, byte[] header, long length)
    {
        string temporaryPath = $"{path}.{Environment.ProcessId}-{System.IO.Path.GetRandomFileName()}.tmp";
        PendingFile? file = null;
        try
        {
            SafeFileHandle handle = File.OpenHandle(
                temporaryPath, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, preallocationSize: length);
            file = new PendingFile(path, temporaryPath, handle, stays: false);
            RandomAccess.SetLength(handle, length);
            RandomAccess.Write(handle, header, 0);
            return file;
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            file?.Dispose();
            throw FileErrors.Creating(path, length, e);
        }
    }

    /// <summary>As <see cref="Create"/>, for a file that is written over several runs: it goes on with what an earlier one left.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="header">The first bytes.</param>
    /// <param name="length">Bytes of the whole file.</param>
    /// <param name="found">Whether there was such a file of this length and with these first bytes; else it was made anew.</param>
    /// <exception cref="SafetensorsException">The file cannot be made.</exception>
    public static PendingFile Continue(string path, byte[] header, long length, out bool found)
    {
        string part = path + PartSuffix;
        SafeFileHandle? handle = null;
        try
        {
            if (File.Exists(path) && !File.Exists(part)) File.Move(path, part); // the earlier run ended right after Commit
            found = File.Exists(part) && Begins(part, header, length);
            handle = File.OpenHandle(
                part, found ? FileMode.Open : FileMode.Create, FileAccess.Write, FileShare.Read, FileOptions.None, found ? 0 : length);
            if (!found)
            {
                RandomAccess.SetLength(handle, length);
                RandomAccess.Write(handle, header, 0);
            }

            return new PendingFile(path, part, handle, stays: true);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            handle?.Dispose();
            throw FileErrors.Creating(path, length, e);
        }
    }

    /// <summary>Writes bytes inside the file.</summary>
    /// <exception cref="SafetensorsException">Writing failed.</exception>
    public void Write(ReadOnlySpan<byte> piece, long offset)
    {
        try
        {
            RandomAccess.Write(_handle, piece, offset);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.Writing(Path, piece.Length, e);
        }
    }

    /// <summary>Brings what was written so far to the disk.</summary>
    /// <exception cref="SafetensorsException">Writing failed.</exception>
    public void Flush()
    {
        try
        {
            RandomAccess.FlushToDisk(_handle);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.Writing(Path, null, e);
        }
    }

    /// <summary>Brings the file to the disk and gives it its name.</summary>
    /// <exception cref="SafetensorsException">Writing failed.</exception>
    public void Commit()
    {
        try
        {
            RandomAccess.FlushToDisk(_handle);
            _handle.Dispose();
            File.Move(_temporaryPath, Path, overwrite: true);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.Writing(Path, null, e);
        }
    }

    /// <summary>Closes the file, and deletes it unless it was committed or another run may go on with it.</summary>
    public void Dispose()
    {
        _handle.Dispose();
        if (_stays) return;
        try
        {
            // After Commit the name is gone, and deleting what is not there does nothing.
            File.Delete(_temporaryPath);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            // Dispose often runs because of an earlier error, which must not be hidden by this one.
        }
    }

    private static bool Begins(string path, byte[] header, long length)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        var start = new byte[header.Length];
        return RandomAccess.GetLength(file) == length
            && RandomAccess.Read(file, start, 0) == header.Length
            && header.AsSpan().SequenceEqual(start);
    }
}
