namespace OneComp.Benchmarks.Faults;

/// <summary>A run into which a fault comes, and the run without it that its result is held against.</summary>
/// <param name="folder">A folder of its own, on the disk that the destination is to be on.</param>
internal sealed class FaultRun(string folder)
{
    private SortedDictionary<string, string>? _expected;

    /// <summary>Where the result goes.</summary>
    public string Destination { get; } = Path.Combine(folder, "q");

    /// <summary>Seconds of the run that nothing happened to, from the log's first event on.</summary>
    public double Seconds { get; private set; }

    /// <summary>The run's log, in another folder than the destination.</summary>
    public string Log { get; } = Path.Combine(Path.GetTempPath(), $"onecomp-faults-{Path.GetRandomFileName()}.jsonl");

    /// <summary>Makes the result that others are held against, in a folder elsewhere.</summary>
    public void Undisturbed(string elsewhere, string model = QuantizeCommand.TinyLlama)
    {
        var destination = Path.Combine(Directory.CreateDirectory(elsewhere).FullName, "q");
        using (var host = Start(model, destination: destination))
        {
            WaitForLog(host, 1);
            var clock = System.Diagnostics.Stopwatch.StartNew();
            host.Wait();
            Seconds = clock.Elapsed.TotalSeconds;
            if (host.ExitCode != 0)
            {
                throw new InvalidOperationException(host.Errors);
            }
        }

        _expected = ResultFolder.Hashes(destination);
        ResultFolder.Clear(destination);
    }

    /// <summary>Starts it; it goes on where one is unfinished. An error ends it with code 2 and its id on standard output.</summary>
    public HostCommand Start(string model = QuantizeCommand.TinyLlama, IReadOnlyList<string>? before = null, string? destination = null, string more = "-Resume", params (string Name, string Value)[] environment)
    {
        File.Delete(Log);
        var command = QuantizeCommand.Of(destination ?? Destination, model, $"{more} -LogPath '{Log}'");
        return HostCommand.Start($"try {{ $null = {command} }} catch {{ $_.FullyQualifiedErrorId; $_.Exception.Message; exit 2 }}", before, environment);
    }

    /// <summary>Runs it to its end.</summary>
    public (int ExitCode, string Output) Finish(string model = QuantizeCommand.TinyLlama, IReadOnlyList<string>? before = null, string more = "-Resume")
    {
        using var host = Start(model, before, more: more);
        host.Wait();
        return (host.ExitCode, (host.Output + host.Errors).Trim());
    }

    /// <summary>Waits until the log has so many lines, or the process has ended.</summary>
    public void WaitForLog(HostCommand host, int lines)
    {
        while (!host.HasExited && Lines() < lines)
        {
            Thread.Sleep(2);
        }
    }

    /// <summary>Lines of the log.</summary>
    public int Lines()
    {
        if (!File.Exists(Log))
        {
            return 0;
        }

        using var reader = new StreamReader(new FileStream(Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd().Count(letter => letter == '\n');
    }

    /// <summary>Whether the result is there, the same to the last byte, with nothing beside it; all is deleted then.</summary>
    public bool IsRight()
    {
        var same = ResultFolder.Hashes(Destination).SequenceEqual(_expected!);
        ResultFolder.Clear(Destination);
        File.Delete(Log);
        return same;
    }
}
