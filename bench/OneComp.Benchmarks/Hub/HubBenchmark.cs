using System.Diagnostics;
using System.Text.Json;
using OneComp.Hub;
using OneComp.Tests.Hub;

namespace OneComp.Benchmarks.Hub;

/// <summary>
/// A download of generated shards from a hub on loopback: its speed against the disk's own, and what is fetched twice when the
/// process is killed at random moments.
/// </summary>
internal static class HubBenchmark
{
    private const int Shards = 4;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static async Task RunAsync(HubOptions options)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.Folder, $"onecomp-hub-bench-{Environment.ProcessId}")).FullName;
        try
        {
            var files = GeneratedShards.Make(Shards, options.Bytes / Shards);
            await using var hub = await FakeHub.StartAsync([.. files]);
            var row = new HubRow
            {
                Bytes = options.Bytes,
                Shards = Shards,
                Processors = Environment.ProcessorCount,
                DiskMBs = Median(3, () => WriteSpeed(folder, files, options.Bytes)),
                LoopbackMBs = Median(3, () => LoopbackSpeedAsync(hub, options.Bytes).GetAwaiter().GetResult()),
                HashMBs = HashSpeed(files[0]),
                DownloadMBs = Median(3, () => DownloadSpeed(folder, hub)),
                Kills = options.Kills > 0 ? await KillRuns.RunAsync(hub, files, Path.Combine(folder, "killed"), options.Kills, options.Seed) : null,
            };
            var json = JsonSerializer.Serialize(row, Indented);
            Console.WriteLine(json);
            await File.WriteAllTextAsync(options.Out, json + "\n");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The same bytes by plain sequential writes of 1 MiB, brought to the disk at the end of each file.</summary>
    private static double WriteSpeed(string folder, IReadOnlyList<FakeFile> files, long bytes)
    {
        var place = Directory.CreateDirectory(Path.Combine(folder, "plain")).FullName;
        var buffer = new byte[1 << 20];
        var clock = Stopwatch.StartNew();
        foreach (var file in files)
        {
            using var stream = new FileStream(Path.Combine(place, file.Name), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            for (long position = 0; position < file.Length; position += buffer.Length)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, file.Length - position));
                file.Fill(position, part);
                stream.Write(part);
            }

            stream.Flush(flushToDisk: true);
        }

        var speed = bytes / 1e6 / clock.Elapsed.TotalSeconds;
        Directory.Delete(place, recursive: true);
        return speed;
    }

    private static double HashSpeed(FakeFile file)
    {
        var clock = Stopwatch.StartNew();
        GeneratedShards.Hash(file.Length, file.Fill);
        return file.Length / 1e6 / clock.Elapsed.TotalSeconds;
    }

    private static double DownloadSpeed(string folder, FakeHub hub)
    {
        var place = Path.Combine(folder, "download");
        var settings = new HubSettings { Endpoint = hub.Endpoint, CacheFolder = Path.Combine(folder, "cache") };
        var saved = HubDownload.Run(new HubDownloadOptions { Id = HubModelId.Parse(FakeHub.Id), Destination = place, Include = ["*"] }, settings);
        Directory.Delete(place, recursive: true);
        return saved.BytesFetched / 1e6 / saved.Elapsed.TotalSeconds;
    }

    /// <summary>What the hub and loopback give when the bytes are only received.</summary>
    private static async Task<double> LoopbackSpeedAsync(FakeHub hub, long bytes)
    {
        using var http = new HttpClient();
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(hub.Files, async (file, token) =>
        {
            using var body = await http.GetStreamAsync(new Uri(hub.Endpoint, $"{FakeHub.Id}/resolve/{FakeHub.Commit}/{file.Name}"), token);
            var buffer = new byte[1 << 20];
            while (await body.ReadAsync(buffer, token) > 0)
            {
            }
        });
        return bytes / 1e6 / clock.Elapsed.TotalSeconds;
    }

    private static double Median(int count, Func<double> measure) => Enumerable.Range(0, count).Select(_ => measure()).Order().ElementAt(count / 2);
}
