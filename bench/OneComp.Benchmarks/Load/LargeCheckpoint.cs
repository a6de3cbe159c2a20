using System.Diagnostics;
using System.Globalization;
using OneComp.Benchmarks.Faults;
using OneComp.Benchmarks.Measuring;

namespace OneComp.Benchmarks.Load;

/// <summary>A checkpoint several times as large as the memory that the process may have, quantized and tested in a control group with a limit.</summary>
internal static class LargeCheckpoint
{
    private const double GB = 1e9;

    public static IEnumerable<FaultRow> Run(string folder, Arguments arguments)
    {
        var model = new ShardedModel(arguments.Whole("--hidden", 4096), arguments.Whole("--intermediate", 14336), arguments.Whole("--blocks", 46));
        var (source, destination) = (Path.Combine(folder, "large"), Path.Combine(folder, "large-q"));
        var clock = Stopwatch.StartNew();
        var bytes = model.Write(source);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes / GB:0.0} GB written in {clock.Elapsed.TotalSeconds:0} s"));
        var limit = (long)(arguments.Whole("--limit-mb", 4096) * 1048576L);
        var quantizer = arguments.Text("--quantizer", "New-RtnQuantizer 4 -GroupSize 128");
        var settings = arguments.Text("--settings", "-Device cpu");
        yield return Limited("quantized", bytes, limit, $"{quantizer} | Invoke-OneCompQuantization '{source}' '{destination}' {settings}", () => Directory.Exists(destination));
        if (Directory.Exists(destination) && !arguments.Has("--no-test"))
        {
            Directory.Delete(source, recursive: true);
            yield return Limited("tested", bytes, limit, $"if (-not (Test-OneCompModel '{destination}')) {{ exit 9 }}", () => true);
        }

        Directory.Delete(destination, recursive: true);
    }

    private static FaultRow Limited(string what, long bytes, long limit, string command, Func<bool> isThere)
    {
        using var group = MemoryGroup.Make($"onecomp-load-{Environment.ProcessId}", limit);
        var clock = Stopwatch.StartNew();
        using var host = HostCommand.Start(command, group?.Before);
        var (resident, own, groupOwn) = (0L, 0L, 0L);
        while (!host.HasExited)
        {
            if (ProcessMemory.Of(host.Id) is { } now)
            {
                (resident, own) = (Math.Max(resident, now.PeakResident), Math.Max(own, now.Own));
            }

            groupOwn = Math.Max(groupOwn, group?.OwnBytes ?? 0);
            Thread.Sleep(50);
        }

        host.Wait();
        var right = host.ExitCode == 0 && isThere();
        return new FaultRow("large", string.Create(CultureInfo.InvariantCulture, $"{bytes / GB:0.0} GB checkpoint {what} with {(group is null ? "no limit of memory (no control group could be made)" : $"{limit / GB:0.00} GB of memory, cached files counted")}"), 1, right ? 1 : 0,
            string.Create(CultureInfo.InvariantCulture, $"exit code {host.ExitCode} after {clock.Elapsed.TotalSeconds:0} s; resident {resident / GB:0.00} GB at the peak, of it own {own / GB:0.00} GB; group {groupOwn / GB:0.00} GB own, {(group?.PeakBytes ?? 0) / GB:0.00} GB with cached files; killed {group?.Kills ?? 0} times{(right ? "" : "; " + host.FirstError())}"));
    }
}
