using System.Security.Cryptography;
using OneComp.Formats;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Formats;

/// <summary>Hashes of files that are being written.</summary>
public sealed class ShardHashesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TensorSpec[] _specs = [new("a", DType.U8, [3_000_000]), new("none", DType.U8, [0]), new("b", DType.U8, [5])];

    [Fact]
    public void They_are_those_of_the_files_whatever_the_order_of_writing()
    {
        using var shards = ShardSet.Continue(_folder.Path, _specs, maxShardBytes: 3_000_000);
        using var hashes = new ShardHashes(shards.Writers);
        shards.FileOf("b").Write("b", [1, 2, 3, 4, 5]);
        Thread.Sleep(50);
        shards.FileOf("a").Write("a", 1_000_000, Bytes(2_000_000));
        shards.FileOf("a").Write("a", 0, Bytes(1_000_000));
        var found = hashes.Finish(default);
        shards.Commit();

        var files = Directory.EnumerateFiles(_folder.Path, "*.safetensors").ToDictionary(path => Path.GetFileName(path), path => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))));
        Assert.Equal(2, files.Count);
        Assert.Equal(files.OrderBy(pair => pair.Key), found.OrderBy(pair => pair.Key));
    }

    [Fact]
    public void A_file_that_lacks_data_has_no_hash_and_nothing_waits_for_it()
    {
        using var shards = ShardSet.Continue(_folder.Path, _specs);
        using var hashes = new ShardHashes(shards.Writers);
        shards.FileOf("b").Write("b", [1, 2, 3, 4, 5]);

        Assert.Empty(hashes.Finish(default));
    }

    [Fact]
    public void A_stop_ends_them()
    {
        using var shards = ShardSet.Continue(_folder.Path, _specs);
        using var hashes = new ShardHashes(shards.Writers);
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Assert.Throws<OperationCanceledException>(() => hashes.Finish(stop.Token));
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 31))];
}
