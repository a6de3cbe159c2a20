using System.Globalization;
using OneComp.Benchmarks.Faults;

namespace OneComp.Benchmarks.Load;

/// <summary>Runs at once, each in a process of its own with a destination of its own in one folder: all alike.</summary>
internal static class ParallelRuns
{
    public static IEnumerable<FaultRow> Run(string folder, int atOnce)
    {
        var together = Directory.CreateDirectory(Path.Combine(folder, "parallel")).FullName;
        var alone = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "alone")).FullName, "q");
        using (var host = HostCommand.Run(QuantizeCommand.Of(alone)))
        {
            host.Wait();
        }

        var expected = ResultFolder.Hashes(alone);
        var destinations = Enumerable.Range(0, atOnce).Select(i => Path.Combine(Directory.CreateDirectory(Path.Combine(together, string.Create(CultureInfo.InvariantCulture, $"{i}"))).FullName, "q")).ToList();
        var hosts = destinations.Select(destination => HostCommand.Start(QuantizeCommand.Of(destination))).ToList();
        hosts.ForEach(host => host.Wait());
        var right = hosts.Zip(destinations).Count(pair => pair.First.ExitCode == 0 && ResultFolder.Hashes(pair.Second).SequenceEqual(expected));
        var codes = string.Join(", ", hosts.Select(host => host.ExitCode));
        hosts.ForEach(host => host.Dispose());
        yield return new FaultRow("parallel", $"{atOnce} runs at once in processes of their own", atOnce, right, $"exit codes {codes}; results the same to the last byte as one alone: {right}");
    }
}
