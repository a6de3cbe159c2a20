using System.Globalization;
using OneComp.Benchmarks.Load;

namespace OneComp.Benchmarks.Faults;

/// <summary>Control groups that do not give a run what it is certain to need, and such as give it just so.</summary>
internal sealed class MemoryFaults(string folder)
{
    private const long MB = 1_000_000;

    public IEnumerable<FaultRow> Run()
    {
        var model = Path.Combine(folder, "memory-model");
        new ShardedModel(2048, 8192, 4).Write(model);
        yield return Try(model, 500 * MB, "RTN of blocks of 61 M weights", "New-RtnQuantizer 4", "", refused: true);
        yield return Try(model, 3000 * MB, "RTN of blocks of 61 M weights", "New-RtnQuantizer 4", "", refused: false);
        yield return Try(model, 1500 * MB, "GPTQ of blocks of 61 M weights, 64 windows of 512 tokens", "New-GptqQuantizer 4", "-NumCalibrationSamples 64 -MaxLength 512 -ResampleRounds 1", refused: true);
        yield return Heap(model);
    }

    private FaultRow Try(string model, long limit, string what, string quantizer, string settings, bool refused)
    {
        using var group = MemoryGroup.Make($"onecomp-faults-{Environment.ProcessId}", limit);
        if (group is null)
        {
            return new FaultRow("memory", what, 0, 0, "no control group could be made");
        }

        var destination = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "memory")).FullName, "q");
        using var host = HostCommand.Run(Caught($"{quantizer} | Invoke-OneCompQuantization '{model}' '{destination}' -Device cpu {settings}"), group.Before);
        var output = (host.Output + host.Errors).Trim();
        var right = refused
            ? host.ExitCode == 2 && output.StartsWith("RunMemoryTooSmall", StringComparison.Ordinal) && group.Kills == 0
            : host.ExitCode == 0 && group.Kills == 0;
        ResultFolder.Clear(destination);
        return new FaultRow("memory", string.Create(CultureInfo.InvariantCulture, $"{what} in {limit / MB} MB"), 1, right ? 1 : 0,
            string.Create(CultureInfo.InvariantCulture, $"exit code {host.ExitCode}: {string.Join(' ', output.Split('\n').Take(2)).Trim()}; killed {group.Kills} times; peak {group.PeakBytes / MB} MB with cached files"));
    }

    // .NET's own limit: what managed memory cannot have is an exception of its own.
    private FaultRow Heap(string model)
    {
        var destination = Path.Combine(folder, "memory", "q");
        using var host = HostCommand.Run(Caught($"New-RtnQuantizer 4 | Invoke-OneCompQuantization '{model}' '{destination}' -Device cpu"), null, ("DOTNET_GCHeapHardLimit", "4000000"));
        var output = (host.Output + host.Errors).Trim();
        var right = host.ExitCode != 0 && output.Contains("memory", StringComparison.OrdinalIgnoreCase);
        ResultFolder.Clear(destination);
        return new FaultRow("memory", "a managed heap of 64 MB", 1, right || host.ExitCode == 0 ? 1 : 0, $"exit code {host.ExitCode}: {string.Join(' ', output.Split('\n').Take(2)).Trim()}");
    }

    private static string Caught(string command) => $"try {{ $null = {command} }} catch {{ $_.FullyQualifiedErrorId; $_.Exception.Message; exit 2 }}";
}
