using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OneComp.Tests.Hub;

/// <summary>A file of a model on the fake hub.</summary>
/// <param name="Name">Its name as the hub lists it.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Hash">What the hub states: SHA-256 for a large file, git's SHA-1 for another.</param>
/// <param name="Fill">Gives the bytes at an offset.</param>
internal sealed record FakeFile(string Name, long Length, string Hash, Action<long, Span<byte>> Fill)
{
    public bool IsLarge => Hash.Length == 64;

    /// <summary>A file in large file storage.</summary>
    public static FakeFile Large(string name, byte[] content) => new(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)), Copy(content));

    /// <summary>A file in git itself.</summary>
    public static FakeFile Small(string name, byte[] content)
    {
        var blob = (byte[])[.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {content.Length}\0")), .. content];
        return new(name, content.Length, Convert.ToHexStringLower(GitHash(blob)), Copy(content));
    }

    public static FakeFile Small(string name, string content) => Small(name, Encoding.UTF8.GetBytes(content));

    /// <summary>Bytes that a seed gives.</summary>
    public static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static Action<long, Span<byte>> Copy(byte[] content) => (offset, span) => content.AsSpan((int)offset, span.Length).CopyTo(span);

#pragma warning disable CA5350 // git names blobs by SHA-1
    private static byte[] GitHash(byte[] blob) => SHA1.HashData(blob);
#pragma warning restore CA5350
}
