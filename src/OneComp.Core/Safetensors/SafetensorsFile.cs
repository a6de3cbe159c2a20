using Microsoft.Win32.SafeHandles;

namespace OneComp.Safetensors;

/// <summary>
/// A safetensors file, read-only. The header is read and checked at once, data when it is copied out, so memory does not grow with the
/// file. Safe to use from several threads. It is read, not mapped: what fails then is an error that names the file, where a mapped page that
/// cannot be had ends the process (docs/adr/0032).
/// </summary>
public sealed unsafe class SafetensorsFile : TensorSource, IDisposable
{
    private const int MostBytesOfCall = 1 << 30;

    private readonly SafeFileHandle _handle;
    private readonly SafetensorsHeader _header;

    private SafetensorsFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        _header = SafetensorsHeader.Read(handle, RandomAccess.GetLength(handle), path);
    }

    /// <summary>Full path of the file.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, TensorEntry> Tensors => _header.Tensors;

    /// <summary>The header's <c>__metadata__</c>; empty when there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    private protected override string Place => Path;

    /// <summary>Opens a file and checks every rule of the format.</summary>
    /// <exception cref="SafetensorsException">The file is missing, unreadable or breaks a rule.</exception>
    public static SafetensorsFile Open(string path) => Open(path, FileShare.Read | FileShare.Delete);

    /// <summary>As the other, for a file that may be open to others in other ways.</summary>
    internal static SafetensorsFile Open(string path, FileShare share)
    {
        string fullPath = System.IO.Path.GetFullPath(path);
        if (Directory.Exists(fullPath))
        {
            throw new SafetensorsException(SafetensorsError.FileNotFound, fullPath,
                $"'{fullPath}' is a folder; a safetensors file was expected.");
        }

        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(fullPath, FileMode.Open, FileAccess.Read, share);
            var file = new SafetensorsFile(fullPath, handle);
            handle = null;
            return file;
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.Reading(fullPath, e);
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle.Dispose();

    internal override void Copy(TensorEntry entry, long offset, byte* destination, long count)
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        if (!Tensors.TryGetValue(entry.Name, out TensorEntry? own)
            || (own.Offset, own.ByteCount) != (entry.Offset, entry.ByteCount))
        {
            throw new ArgumentException($"tensor {entry.Name} is not one of {Path}", nameof(entry));
        }

        if (offset < 0 || count > own.ByteCount - offset)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset,
                $"{count} bytes from there go outside tensor {own.Name} of {own.ByteCount} bytes");
        }

        Read(own, own.Offset + offset, destination, count);
    }

    private void Read(TensorEntry entry, long position, byte* destination, long count)
    {
        while (count > 0)
        {
            int read;
            try
            {
                read = RandomAccess.Read(_handle, new Span<byte>(destination, (int)Math.Min(MostBytesOfCall, count)), position);
            }
            catch (Exception e) when (FileErrors.IsFileError(e))
            {
                throw FileErrors.Reading(Path, e);
            }

            if (read == 0)
            {
                throw new SafetensorsException(SafetensorsError.ReadFailed, Path,
                    $"Reading file '{Path}' failed: it ends at byte {position}, within tensor {Quoted.Text(entry.Name)}, and did not when it was opened. "
                    + "Another program has cut it short; bring it back as it was.");
            }

            position += read;
            destination += read;
            count -= read;
        }
    }
}
