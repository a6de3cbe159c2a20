using System.Security.Cryptography;

namespace OneComp.Hub;

/// <summary>
/// A file that is not whole yet, with the hash of what it holds. It stays when a download breaks or is killed, and the next one
/// goes on at its end. The suffix is that of Hugging Face's own tools, so that either goes on where the other stopped.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    /// <summary>The suffix of partial files.</summary>
    public const string Suffix = ".incomplete";

    private readonly FileStream _stream;
    private IncrementalHash _hash;
    private readonly BlobHash _expected;
    private readonly long _size;

    private PartialFile(FileStream stream, BlobHash expected, long size)
    {
        (_stream, _expected, _size) = (stream, expected, size);
        _hash = expected.Start(size);
    }

    /// <summary>Bytes that are there.</summary>
    public long Position => _stream.Position;

    /// <summary>Opens a partial file or makes one, and hashes what is there.</summary>
    /// <param name="path">Its path; the folder must be there.</param>
    /// <param name="expected">What the whole will be.</param>
    /// <param name="size">Bytes of the whole.</param>
    /// <param name="token">Stops the hashing.</param>
    public static PartialFile Open(string path, BlobHash expected, long size, CancellationToken token)
    {
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        var partial = new PartialFile(stream, expected, size);
        try
        {
            if (stream.Length > size)
            {
                stream.SetLength(0);
            }

            BlobHash.Append(partial._hash, stream, stream.Length, token);
            return partial;
        }
        catch
        {
            partial.Dispose();
            throw;
        }
    }

    /// <summary>Adds the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        _hash.AppendData(bytes);
    }

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        _stream.SetLength(0);
        _stream.Position = 0;
        _hash.Dispose();
        _hash = _expected.Start(_size);
    }

    /// <summary>Whether the content is what was expected; brings it to the disk first, for a name must not outlive its bytes.</summary>
    public bool Finish()
    {
        _stream.Flush(flushToDisk: true);
        return _expected.Matches(_hash);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hash.Dispose();
        _stream.Dispose();
    }
}
