namespace OneComp.Benchmarks.Faults;

/// <summary>File systems that go away while a run uses them, as a share does: those of the model and of the destination.</summary>
internal sealed class ShareFaults(string folder)
{
    public IEnumerable<FaultRow> Run()
    {
        foreach (var at in (int[])[3, 15, 40])
        {
            yield return Source(at);
            yield return Destination(at);
        }
    }

    private FaultRow Source(int line)
    {
        var run = new FaultRun(Directory.CreateDirectory(Path.Combine(folder, "share-out")).FullName);
        using var volume = ScratchVolume.InMemory(Path.Combine(folder, "share-model"), 64 << 20);
        foreach (var path in Directory.GetFiles(QuantizeCommand.TinyLlama))
        {
            File.Copy(path, Path.Combine(volume.Folder, Path.GetFileName(path)));
        }

        var (code, output) = Detached(run, volume.Folder, volume, line);
        var right = code == 2 && output.StartsWith("RunSource", StringComparison.Ordinal) && output.Contains(volume.Folder, StringComparison.Ordinal);
        ResultFolder.Clear(run.Destination);
        return new FaultRow("share", $"the model's file system detached at event {line}", 1, right ? 1 : 0, Short(code, output));
    }

    private FaultRow Destination(int line)
    {
        using var volume = ScratchVolume.InFile(Path.Combine(folder, "share-destination"), 64 << 20);
        var run = new FaultRun(Directory.CreateDirectory(Path.Combine(volume.Folder, "out")).FullName);
        run.Undisturbed(Path.Combine(folder, "share-undisturbed"));
        var (code, output) = Detached(run, QuantizeCommand.TinyLlama, volume, line);
        volume.Attach();
        var second = run.Finish();
        var same = run.IsRight();
        var right = code == 2 && output.StartsWith("DestinationGone", StringComparison.Ordinal) && output.Contains(volume.Folder, StringComparison.Ordinal) && same;
        return new FaultRow("share", $"the destination's file system detached at event {line}", 1, right ? 1 : 0, $"{Short(code, output)} Once it was back, -Resume made the same bytes: {same}{(same ? "" : " " + second)}");
    }

    private static (int Code, string Output) Detached(FaultRun run, string model, ScratchVolume volume, int line)
    {
        using var host = run.Start(model);
        run.WaitForLog(host, line);
        volume.Detach();
        host.Wait();
        return (host.ExitCode, (host.Output + host.Errors).Trim());
    }

    private static string Short(int code, string output) => $"exit code {code}: {string.Join(' ', output.Split('\n').Take(2)).Trim()}";
}
