using System.Globalization;
using System.Security.Cryptography;
using OneComp.Tests.Hub;

namespace OneComp.Benchmarks.Hub;

/// <summary>Large files whose bytes are made when they are asked for.</summary>
internal static class GeneratedShards
{
    private const int Period = (1 << 24) + 4099; // no multiple of a chunk, so that a chunk in a wrong place shows in the hash
    private static readonly byte[] Random = FakeFile.Bytes(Period);

    public static IReadOnlyList<FakeFile> Make(int count, long length) => [.. Enumerable.Range(1, count).Select(i =>
    {
        void Fill(long offset, Span<byte> bytes) => FillFrom(offset + (i * 1_000_003L), bytes);
        var name = string.Create(CultureInfo.InvariantCulture, $"model-{i:00000}-of-{count:00000}.safetensors");
        return new FakeFile(name, length, Hash(length, Fill), Fill);
    })];

    public static string Hash(long length, Action<long, Span<byte>> fill)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        for (long position = 0; position < length; position += buffer.Length)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - position));
            fill(position, part);
            hash.AppendData(part);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void FillFrom(long offset, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var at = (int)(offset % Period);
            var count = Math.Min(bytes.Length, Period - at);
            Random.AsSpan(at, count).CopyTo(bytes);
            bytes = bytes[count..];
            offset += count;
        }
    }
}
