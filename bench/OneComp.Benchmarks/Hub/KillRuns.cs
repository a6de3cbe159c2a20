using System.Diagnostics;
using OneComp.Tests.Hub;

namespace OneComp.Benchmarks.Hub;

/// <summary>Kills a process that downloads, again and again, at random moments; the last one ends by itself.</summary>
internal static class KillRuns
{
    private const int ChunkBytes = 1 << 18; // HubSettings' own
    private const double BytesPerSecond = 110e6; // a line of 1 Gbit/s: loopback alone would fill the sockets' buffers, not the process

    public static async Task<KillRow> RunAsync(FakeHub hub, IReadOnlyList<FakeFile> files, string destination, int kills, int seed)
    {
        hub.BytesPerSecond = BytesPerSecond;
        var random = new Random(seed);
        var total = files.Sum(file => file.Length);
        var lost = new List<long>();
        long askedAgain = 0;
        for (var left = kills; left >= 0; left--)
        {
            var there = PartialBytes(destination, files);
            var (requests, sentBefore) = (hub.Fetches.Count, hub.BytesSent);
            using var process = Start(hub, destination);
            if (left == 0)
            {
                await process.WaitForExitAsync();
            }
            else
            {
                // A moment drawn evenly from what two kills have left on average, so that each finds the download at work.
                var moment = sentBefore + (long)(random.NextDouble() * 2 * (total - there.Sum()) / (left + 1));
                while (!process.HasExited && (hub.BytesSent < moment || hub.BytesSent == sentBefore))
                {
                    await Task.Delay(1);
                }

                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
                await Task.Delay(200); // the hub notices
                lost.Add(hub.BytesSent - sentBefore - (PartialBytes(destination, files).Sum() - there.Sum()));
            }

            foreach (var request in hub.Fetches.Skip(requests))
            {
                askedAgain = Math.Max(askedAgain, there[files.ToList().FindIndex(file => file.Name == request.File)] - request.Offset);
            }
        }

        return new KillRow
        {
            Kills = kills,
            ChunkBytes = ChunkBytes,
            BytesPerSecond = BytesPerSecond,
            HashesRight = files.All(file => Right(Path.Combine(destination, file.Name), file)),
            MostWrittenBytesAskedForAgain = askedAgain,
            MeanBytesLost = lost.Average(),
            MostBytesLost = lost.Max(),
        };
    }

    private static long[] PartialBytes(string destination, IReadOnlyList<FakeFile> files) => [.. files.Select(file =>
        new FileInfo(Path.Combine(destination, file.Name)) is { Exists: true } whole ? whole.Length
        : new FileInfo(Path.Combine(destination, $"{file.Name}.{file.Hash[..16]}.incomplete")) is { Exists: true } partial ? partial.Length
        : 0)];

    private static bool Right(string path, FakeFile file)
    {
        using var stream = File.OpenRead(path);
        return GeneratedShards.Hash(stream.Length, (offset, bytes) =>
        {
            stream.Position = offset;
            stream.ReadExactly(bytes);
        }) == file.Hash;
    }

    private static Process Start(FakeHub hub, string destination)
    {
        var host = Path.GetFullPath(Path.Combine("src", "OneComp.Host", "bin", "Release", "net10.0", "OneComp.Host.dll"));
        var start = new ProcessStartInfo("dotnet", ["exec", host, "-Command", $"Import-Module ./OneComp.psd1; Save-OneCompModel {FakeHub.Id} '{destination}' -Include '*'"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HF_ENDPOINT"] = hub.Endpoint.AbsoluteUri;
        start.Environment["HF_HUB_OFFLINE"] = "0";
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
