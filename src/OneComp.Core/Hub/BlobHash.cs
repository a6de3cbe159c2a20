using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OneComp.Hub;

/// <summary>
/// What the hub states a file's content to be: the SHA-256 of a file in large file storage, the SHA-1 of a git blob (over
/// "blob ", the size, a zero byte and the content) of any other.
/// </summary>
internal readonly record struct BlobHash
{
    private const int Sha256Digits = 64;
    private const int Sha1Digits = 40;

    private BlobHash(string hex) => Hex = hex;

    /// <summary>Lower-case hexadecimal digits; also the blob's name in the cache.</summary>
    public string Hex { get; }

    /// <summary>True for SHA-256.</summary>
    public bool IsSha256 => Hex.Length == Sha256Digits;

    /// <summary>Reads a hash from 64 or 40 digits, with or without an ETag's quotes; null for anything else.</summary>
    public static BlobHash? TryParse(string? text)
    {
        var hex = (text ?? "").Trim();
        hex = (hex.StartsWith("W/", StringComparison.Ordinal) ? hex[2..] : hex).Trim('"');
        return hex.Length is Sha256Digits or Sha1Digits && hex.All(char.IsAsciiHexDigit) ? new BlobHash(hex.ToLowerInvariant()) : null;
    }

    /// <summary>A running hash that the content goes into; the caller disposes it.</summary>
    /// <param name="size">Bytes of the whole content.</param>
    public IncrementalHash Start(long size)
    {
        if (IsSha256)
        {
            return IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }

        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {size}\0")));
        return hash;
    }

    /// <summary>Whether the content that went in is the one meant. Resets the running hash.</summary>
    public bool Matches(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset()) == Hex;

    /// <summary>Whether a file has this content.</summary>
    public bool MatchesFile(string path, CancellationToken token)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        using var hash = Start(stream.Length);
        Append(hash, stream, stream.Length, token);
        return Matches(hash);
    }

    /// <summary>Puts the next <paramref name="count"/> bytes of a stream into a running hash.</summary>
    public static void Append(IncrementalHash hash, Stream stream, long count, CancellationToken token)
    {
        var buffer = new byte[1 << 20];
        while (count > 0)
        {
            token.ThrowIfCancellationRequested();
            var read = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, count));
            if (read == 0)
            {
                throw new EndOfStreamException();
            }

            hash.AppendData(buffer, 0, read);
            count -= read;
        }
    }

    /// <summary>The digits.</summary>
    public override string ToString() => Hex;
}
