using System.IO.Compression;

namespace OneComp.Calibration;

/// <summary>A gzip stream that ends in an error when it grows as no text does: deflate can make a thousand bytes of one.</summary>
internal sealed class BoundedGZip(FileStream file) : Stream
{
    private const long FreeBytes = 16L << 20;
    private const int MostRatio = 100; // text packs to a third or a fifth, logs of the same few words to a fiftieth
    private readonly GZipStream _inner = new(file, CompressionMode.Decompress);
    private long _produced;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _produced; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = _inner.Read(buffer);
        _produced += count;
        return _produced <= FreeBytes + (MostRatio * file.Position)
            ? count
            : throw new InvalidDataException($"its first {file.Position} bytes unpack to {_produced}, which is no text.");
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
