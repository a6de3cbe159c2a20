using OneComp.Benchmarks.Faults;

namespace OneComp.Benchmarks.Load;

/// <summary>Many blocks, one block, and folders whose names and paths are long or strange.</summary>
internal static class ExtremeModels
{
    private const int LongestName = 255;  // of a file, in bytes, on the file systems of Linux
    private const int LongestPath = 4096; // of a path, in bytes, the end counted

    public static IEnumerable<FaultRow> Run(string folder)
    {
        yield return Quantize(folder, "200 blocks of width 128", new ShardedModel(128, 128, 200), "many", "many-q");
        yield return Quantize(folder, "one block", new ShardedModel(128, 128, 1), "one", "one-q");
        var small = new ShardedModel(128, 128, 2);
        yield return Quantize(folder, "folders with names of 200 characters", small, new string('m', 200), new string('q', 200));
        yield return Quantize(folder, "folders with spaces, quotes, brackets and letters of other scripts", small, "модель [1] $x `é 模型", "Ergebnis (ü) 'q' 結果 🙂");
        yield return Quantize(folder, $"a destination of {LongestName - 30} letters, with room for what a lock's name adds", small, "short", new string('q', LongestName - 30));
        var deep = Path.Combine(Enumerable.Repeat(new string('d', 200), (LongestPath - folder.Length - 400) / 201).ToArray());
        yield return Quantize(folder, $"folders {Path.Combine(folder, deep).Length} characters deep", small, Path.Combine(deep, "m"), Path.Combine(deep, "q"));
        yield return Refuse(folder, $"a destination of {LongestName} letters, whose lock has no name", Path.Combine(folder, new string('q', LongestName)));
    }

    private static FaultRow Quantize(string folder, string what, ShardedModel model, string source, string destination)
    {
        (source, destination) = (Path.Combine(folder, source), Path.Combine(folder, destination));
        model.Write(source);
        using var host = HostCommand.Run($"New-GptqQuantizer 4 -GroupSize 64 | Invoke-OneCompQuantization -Model '{Quoted(source)}' -Destination '{Quoted(destination)}' -NumCalibrationSamples 8 -MaxLength 32 -ResampleRounds 0 -Device cpu | Test-OneCompModel");
        var right = host.ExitCode == 0 && host.Output.Contains("True", StringComparison.Ordinal) && ResultFolder.LeftBeside(destination).Count == 0;
        Directory.Delete(source, recursive: true);
        return new FaultRow("extremes", what, 1, right ? 1 : 0, right ? "quantized; Test-OneCompModel says True" : $"exit code {host.ExitCode}: {host.Output.Trim()} {host.FirstError()}");
    }

    private static FaultRow Refuse(string folder, string what, string destination)
    {
        using var host = HostCommand.Run($"try {{ {QuantizeCommand.Of(destination)} }} catch {{ $_.FullyQualifiedErrorId; exit 2 }}");
        var right = host.Output.Contains("DestinationNotWritable", StringComparison.Ordinal) && Directory.EnumerateFileSystemEntries(folder, ".*").Any() is false;
        return new FaultRow("extremes", what, 1, right ? 1 : 0, $"{host.Output.Trim()} {host.FirstError()}");
    }

    private static string Quoted(string path) => path.Replace("'", "''", StringComparison.Ordinal);
}
