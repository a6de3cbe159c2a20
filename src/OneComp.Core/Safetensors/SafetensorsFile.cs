using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace OneComp.Safetensors;

/// <summary>
/// A safetensors file, read-only. The header is read and checked at once; the data is mapped at the first copy, so memory
/// does not grow with the file. Safe to use from several threads. The file must not be cut short while it is open.
/// </summary>
public sealed unsafe class SafetensorsFile : TensorSource, IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly SafetensorsHeader _header;
    private readonly long _length;
    private readonly Lazy<MemoryMappedViewAccessor> _view;

    private SafetensorsFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        _length = RandomAccess.GetLength(handle);
        _header = SafetensorsHeader.Read(handle, _length, path);
        _view = new Lazy<MemoryMappedViewAccessor>(Map);
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

    /// <summary>Unmaps and closes the file.</summary>
    public void Dispose()
    {
        if (_view.IsValueCreated) _view.Value.Dispose();
        _handle.Dispose();
    }

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

        MemoryMappedViewAccessor view = _view.Value;
        byte* start = null;
        try
        {
            // Holds the mapping until the copy is done, even if another thread disposes the file.
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            Buffer.MemoryCopy(start + view.PointerOffset + own.Offset + offset, destination, count, count);
        }
        finally
        {
            if (start is not null) view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private MemoryMappedViewAccessor Map()
    {
        try
        {
            // The view keeps the mapping alive, so the mapping object itself can go.
            using var map = MemoryMappedFile.CreateFromFile(
                _handle, mapName: null, _length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            return map.CreateViewAccessor(0, _length, MemoryMappedFileAccess.Read);
        }
        catch (Exception e) when (FileErrors.IsFileError(e) || e is ArgumentException)
        {
            // ArgumentException: the file has become shorter than it was when it was opened.
            throw FileErrors.Reading(Path, e);
        }
    }
}
