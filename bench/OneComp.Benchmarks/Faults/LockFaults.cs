namespace OneComp.Benchmarks.Faults;

/// <summary>Two runs at once: of one destination, and of two.</summary>
internal sealed class LockFaults(string folder)
{
    public IEnumerable<FaultRow> Run()
    {
        var run = new FaultRun(Directory.CreateDirectory(Path.Combine(folder, "lock")).FullName);
        run.Undisturbed(Path.Combine(folder, "lock-undisturbed"));
        foreach (var more in (string[])["", "-Force", "-Resume"])
        {
            using var first = run.Start();
            run.WaitForLog(first, 5);
            var command = QuantizeCommand.Of(run.Destination, more: more);
            using var second = HostCommand.Run($"try {{ $null = {command} }} catch {{ $_.FullyQualifiedErrorId; $_.Exception.Message; exit 2 }}");
            var wasThere = !first.HasExited;
            first.Wait();
            var output = second.Output.Trim();
            var right = wasThere && second.ExitCode == 2 && output.StartsWith("DestinationLocked", StringComparison.Ordinal) && first.ExitCode == 0 && run.IsRight();
            yield return new FaultRow("lock", $"a second run of one destination{(more.Length > 0 ? $" with {more}" : "")}", 1, right ? 1 : 0, $"exit code {second.ExitCode}: {string.Join(' ', output.Split('\n').Take(2)).Trim()}; the first one's result the same: {right}");
        }

        var other = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "lock", "other")).FullName, "q");
        using var one = run.Start();
        using var two = run.Start(destination: other);
        one.Wait();
        two.Wait();
        var twin = ResultFolder.Hashes(other).SequenceEqual(ResultFolder.Hashes(run.Destination));
        var both = twin && one.ExitCode == 0 && two.ExitCode == 0 && run.IsRight();
        yield return new FaultRow("lock", "two runs at once of two destinations", 2, both ? 2 : 0, $"exit codes {one.ExitCode} and {two.ExitCode}; both results the same: {both}");
    }
}
