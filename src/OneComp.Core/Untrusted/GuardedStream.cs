using System.Globalization;

namespace OneComp.Untrusted;

/// <summary>
/// A file handed to a library that believes it: ends in an error where it is read far more often than there is anything to read, which is how a loop
/// without end over a damaged file shows, and follows a token.
/// </summary>
internal sealed class GuardedStream(Stream inner, CancellationToken token) : Stream
{
    private const long FreeBytes = 1 << 20;
    private const int MostPasses = 16; // indexes, sizes and pages are read one after the other, some twice
    private const int MostReadsAtEnd = 1000;
    private readonly long _length = inner.Length;
    private long _read;
    private int _atEnd;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position { get => inner.Position; set => inner.Position = value; }

    public override int Read(Span<byte> buffer)
    {
        token.ThrowIfCancellationRequested();
        var count = inner.Read(buffer);
        _read += count;
        _atEnd += count == 0 && !buffer.IsEmpty ? 1 : 0;
        return _read <= FreeBytes + (MostPasses * _length) && _atEnd <= MostReadsAtEnd
            ? count
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"reading its {_length} bytes does not come to an end."));
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(Read(buffer, offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 0 ? -1 : one[0];
    }

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
