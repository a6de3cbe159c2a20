namespace OneComp.Benchmarks.Faults;

/// <summary>A model that changes, is cut short or cannot be read any more while a run reads it.</summary>
internal sealed class SourceFaults(string folder, Random random)
{
    private const int Events = 55; // of a run of tiny-llama, to its last block
    private const string Weights = "model.safetensors";

    public IEnumerable<FaultRow> Run(int times)
    {
        var run = new FaultRun(Directory.CreateDirectory(Path.Combine(folder, "source")).FullName);
        Copy(Path.Combine(folder, "tiny-llama"));
        run.Undisturbed(Path.Combine(folder, "source-undisturbed"), Path.Combine(folder, "tiny-llama"));
        yield return Try(run, times, "a byte of the weights written over at a random event", ["RunSourceChanged"], (source, _) => Overwrite(Path.Combine(source, Weights)));
        yield return Try(run, times, "the weights cut to a random length at a random event", ["RunSourceChanged", "SafetensorsReadFailed"], (source, _) => Cut(Path.Combine(source, Weights)));
        yield return Try(run, times, "tokenizer.json replaced at a random event", ["RunSourceChanged"], (source, _) => File.WriteAllText(Path.Combine(source, "tokenizer.json"), "{}"));
        yield return Try(run, times, "the weights deleted at a random event", ["RunSourceChanged"], (source, _) => File.Delete(Path.Combine(source, Weights)));
        yield return Try(run, times, "reads that fail (the file behind a loop device cut) at a random event", ["SafetensorsReadFailed", "RunSourceGone", "RunSourceChanged"], (_, volume) => CutImage(volume!), onVolume: true);
    }

    private FaultRow Try(FaultRun run, int times, string what, string[] ids, Action<string, ScratchVolume?> harm, bool onVolume = false)
    {
        var (named, same, early) = (0, 0, 0);
        string? wrong = null;
        for (var i = 0; i < times; i++)
        {
            using var volume = onVolume ? ScratchVolume.InFile(Path.Combine(folder, "source-volume"), 64 << 20) : null;
            var source = Path.Combine(volume?.Folder ?? folder, "tiny-llama");
            Copy(source);
            volume?.Remount();
            var (code, output, ended) = Harmed(run, source, () => harm(source, volume));
            var isNamed = code == 2 && ids.Any(id => output.StartsWith(id, StringComparison.Ordinal)) && output.Contains(source, StringComparison.Ordinal);
            early += ended ? 1 : 0;
            named += isNamed ? 1 : 0;
            volume?.Dispose();
            Copy(Path.Combine(folder, "tiny-llama")); // as it was, times and all
            var second = isNamed && !onVolume ? run.Finish(Path.Combine(folder, "tiny-llama")) : default;
            var isSame = isNamed && !onVolume && run.IsRight();
            same += isSame ? 1 : 0;
            if (!(isNamed || ended) || (isNamed && !onVolume && !isSame))
            {
                wrong ??= $"exit code {code}: {output}; then {second}";
            }

            ResultFolder.Clear(run.Destination);
            Directory.Delete(Path.Combine(folder, "tiny-llama"), recursive: true);
        }

        return new FaultRow("source", what, times, wrong is null ? times : named,
            $"{named} errors that name the file, {early} times the run had read all and was done; {(onVolume ? "" : $"with the model as it was -Resume made the same bytes {same} times")}{(wrong is null ? "" : "; first wrong: " + wrong)}");
    }

    private (int Code, string Output, bool Ended) Harmed(FaultRun run, string source, Action harm)
    {
        using var host = run.Start(source);
        run.WaitForLog(host, 4 + random.Next(Events));
        var ended = Directory.Exists(run.Destination);
        harm();
        host.Wait();
        return (host.ExitCode, (host.Output + host.Errors).Trim(), ended || host.ExitCode == 0);
    }

    private static void Copy(string to)
    {
        Directory.CreateDirectory(to);
        foreach (var path in Directory.GetFiles(QuantizeCommand.TinyLlama))
        {
            var copy = Path.Combine(to, Path.GetFileName(path));
            File.Copy(path, copy, overwrite: true);
            File.SetLastWriteTimeUtc(copy, File.GetLastWriteTimeUtc(path));
        }
    }

    private void Overwrite(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = file.Length - 1 - random.Next(1000);
        file.WriteByte(1);
    }

    private void Cut(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength((long)(random.NextDouble() * file.Length));
    }

    private static void CutImage(ScratchVolume volume)
    {
        using var file = new FileStream(volume.Image!, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(4 << 20);
    }
}
