using System.Globalization;

namespace OneComp.Benchmarks.Faults;

/// <summary>Disks that are too small from the start, and disks that others fill up while a run writes: random sizes and random moments.</summary>
internal sealed class DiskFaults(string folder, Random random)
{
    private const long VolumeBytes = 48 << 20;
    private const long Need = 9 << 20; // of the run, with what it keeps to go on

    public IEnumerable<FaultRow> Run(int offsets)
    {
        foreach (var inFile in (bool[])[false, true])
        {
            var name = inFile ? "ext4 on a loop device" : "tmpfs";
            using var volume = inFile ? ScratchVolume.InFile(Path.Combine(folder, "disk-ext4"), VolumeBytes) : ScratchVolume.InMemory(Path.Combine(folder, "disk-tmpfs"), VolumeBytes);
            var run = new FaultRun(Directory.CreateDirectory(Path.Combine(volume.Folder, "out")).FullName);
            run.Undisturbed(Path.Combine(folder, "disk-undisturbed"));
            yield return Try(run, volume, offsets, $"{name} with room for a random number of bytes, up to {Need >> 20} MB", SmallFromTheStart);
            yield return Try(run, volume, offsets, $"{name} that another program fills at a random event of the run", FilledMeanwhile);
        }
    }

    private static FaultRow Try(FaultRun run, ScratchVolume volume, int times, string what, Func<FaultRun, ScratchVolume, HostCommand> start)
    {
        var (named, right, same, sufficed) = (0, 0, 0, 0);
        var ids = new SortedSet<string>(StringComparer.Ordinal);
        string? wrong = null;
        for (var i = 0; i < times; i++)
        {
            int code;
            string output;
            using (var host = start(run, volume))
            {
                host.Wait();
                (code, output) = (host.ExitCode, (host.Output + host.Errors).Trim());
            }

            var isNamed = code == 2 && output.Contains(run.Destination, StringComparison.Ordinal) && output.Contains("bytes", StringComparison.Ordinal) && output.Contains("DiskFull", StringComparison.Ordinal);
            var isDone = code is 0 or 3 && Directory.Exists(run.Destination);
            sufficed += isDone ? 1 : 0;
            named += isNamed ? 1 : 0;
            ids.Add(isDone ? "done" : output.Split(',', '\n')[0]);
            volume.FreeAgain();
            var before = BlocksDone(run);
            var second = isDone ? (0, "") : run.Finish();
            var isSame = run.IsRight();
            same += isSame ? 1 : 0;
            right += (isNamed || isDone) && isSame ? 1 : 0;
            if (!((isNamed || isDone) && isSame))
            {
                wrong ??= string.Create(CultureInfo.InvariantCulture, $"exit code {code}: {output}; then {second}");
            }

            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{i + 1}: {(isDone ? "sufficed" : output.Split('\n').ElementAtOrDefault(1))}; {before} blocks kept; {(isSame ? "same" : "NOT the same " + second)}"));
        }

        return new FaultRow("disk", what, times, right,
            $"{named} errors that name path and bytes ({string.Join(", ", ids)}), {sufficed} times it sufficed; after space was freed -Resume made the same bytes {same} times{(wrong is null ? "" : "; first wrong: " + wrong)}");
    }

    private HostCommand SmallFromTheStart(FaultRun run, ScratchVolume volume)
    {
        volume.LeaveFree((long)(random.NextDouble() * Need));
        return run.Start();
    }

    private HostCommand FilledMeanwhile(FaultRun run, ScratchVolume volume)
    {
        const int events = 60; // of a run of tiny-llama, to its last block
        var host = run.Start();
        run.WaitForLog(host, 2 + random.Next(events));
        volume.Fill();
        return host;
    }

    private static string BlocksDone(FaultRun run)
    {
        var state = Path.Combine(Path.GetDirectoryName(run.Destination)!, ".q.run", "run-state.json");
        return File.Exists(state) ? System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllBytes(state))!["blocks"]!.ToString() : "no";
    }
}
