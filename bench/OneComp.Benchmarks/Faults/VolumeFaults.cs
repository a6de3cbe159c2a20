namespace OneComp.Benchmarks.Faults;

/// <summary>Destinations on other volumes than the model, the temporary folder and the working folder: nothing is renamed from one volume to another.</summary>
internal sealed class VolumeFaults(string folder)
{
    public IEnumerable<FaultRow> Run()
    {
        using var volume = ScratchVolume.InFile(Path.Combine(folder, "volume"), 64 << 20);
        var run = new FaultRun(Directory.CreateDirectory(Path.Combine(volume.Folder, "out")).FullName);
        run.Undisturbed(Path.Combine(folder, "volume-undisturbed"));
        var (code, output) = run.Finish();
        var right = code == 0 && run.IsRight();
        yield return new FaultRow("volume", "a destination on another volume", 1, right ? 1 : 0, right ? "the same bytes" : output);

        Directory.CreateDirectory(run.Destination);
        ScratchVolume.Shell("mount", "-t", "tmpfs", "tmpfs", run.Destination);
        try
        {
            (code, output) = run.Finish(more: "-Force");
            right = code == 2 && output.StartsWith("DestinationNotWritable", StringComparison.Ordinal) && output.Contains(run.Destination, StringComparison.Ordinal);
            yield return new FaultRow("volume", "a destination that is itself a mount point, with -Force", 1, right ? 1 : 0, $"exit code {code}: {string.Join(' ', output.Split('\n').Take(2))}");
        }
        finally
        {
            ScratchVolume.Shell("umount", "-l", run.Destination);
        }

        (code, output) = run.Finish(more: "-Force -Resume");
        right = code == 0 && run.IsRight();
        yield return new FaultRow("volume", "the same once it is unmounted, with -Resume -Force", 1, right ? 1 : 0, right ? "went on; the same bytes" : output);
    }
}
