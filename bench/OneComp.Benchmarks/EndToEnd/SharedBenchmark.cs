using System.Globalization;
using OneComp.Benchmarks.Export;
using OneComp.Benchmarks.Measuring;
using OneComp.Pipeline;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.EndToEnd;

/// <summary>The same job on one device and on several, with and without error propagation: seconds, memory, and how far the results agree.</summary>
internal static class SharedBenchmark
{
    private const double Giga = 1e9;

    /// <summary>Measures, prints a table and writes it as JSON.</summary>
    public static void Run(Arguments arguments)
    {
        var devices = ComputeDevices.ParseAll(arguments.Text("--devices", "cuda:0"));
        string[] names = [.. arguments.Text("--devices", "cuda:0").Split(',')];
        var folder = arguments.Text("--folder", Path.Combine(Path.GetTempPath(), $"onecomp-e2e-{Guid.NewGuid():n}"));
        try
        {
            var source = Path.Combine(folder, "model");
            RandomModel.Write(source, arguments, devices[0]);
            GpuPool.Empty(devices[0]); // what making weights took is no part of a run
            var rows = new List<SharedRow>();
            PrintHead(ResultFile.NameOf(devices[0]), arguments);
            bool[] modes = arguments.Has("--qep") ? arguments.Has("--no-qep") ? [false, true] : [true] : [false];
            foreach (var qep in modes)
            {
                foreach (var row in Rows(source, folder, names, devices, qep, arguments))
                {
                    Print(row);
                    rows.Add(row);
                }
            }

            ResultFile.Write(arguments.Text("--out", Path.Combine("bench", "results", "e2e-devices.json")), ResultFile.NameOf(devices[0]), rows);
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static IEnumerable<SharedRow> Rows(string source, string folder, string[] names, IReadOnlyList<Device> devices, bool qep, Arguments arguments)
    {
        var (first, all) = (names[0], string.Join(',', names));
        var (alone, shared) = (Path.Combine(folder, "alone"), Path.Combine(folder, "shared"));
        Directory.Delete(Job(Path.Combine(folder, "warm"), all).Destination, recursive: true); // libraries and kernels
        var one = Measure(alone, first);
        yield return one;
        if (names.Length > 1)
        {
            var several = Measure(shared, all);
            var (same, error) = Agreement.Of(source, alone, shared);
            yield return several with { SpeedUp = one.Seconds / several.Seconds, SameCodes = same, WeightError = error };
            Directory.Delete(shared, recursive: true);
        }

        Directory.Delete(alone, recursive: true);

        QuantizationResult Job(string destination, string on) => EndToEndBenchmark.Job(source, destination, on, qep, arguments);

        SharedRow Measure(string destination, string on)
        {
            var watches = devices.Distinct().Select(device => new FreeMemoryWatch(device)).ToList();
            using var host = new PeakMemory();
            var seconds = Enumerable.Range(0, arguments.Whole("--runs", 3)).Select(run =>
            {
                if (run > 0)
                {
                    Directory.Delete(destination, recursive: true);
                }

                return Job(destination, on).Elapsed.TotalSeconds;
            }).ToList();
            watches.ForEach(watch => watch.Dispose());
            return new SharedRow(qep, on, seconds.Order().ElementAt(seconds.Count / 2), seconds, 1, [.. watches.Select(watch => watch.PeakBytes / Giga)], host.Bytes / Giga, 1, 0);
        }
    }

    private static void PrintHead(string device, Arguments arguments)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{device}; {arguments.Whole("--blocks", 4)} blocks, {arguments.Whole("--samples", 128)} x {arguments.Whole("--length", 2048)} tokens"));
        Console.WriteLine($"{"errors",-12} {"devices",-24} {"seconds",8} {"speed-up",8} {"peak GB by device",-24} {"host GB",8} {"same codes",10} {"weight error",12}");
    }

    private static void Print(SharedRow row)
    {
        var peaks = string.Join(", ", row.PeakGigabytes.Select(peak => peak.ToString("0.0", CultureInfo.InvariantCulture)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(row.Qep ? "propagated" : "not"),-12} {row.Devices,-24} {row.Seconds,8:0.00} {row.SpeedUp,8:0.00} {peaks,-24} {row.HostGigabytes,8:0.0} {row.SameCodes,10:0.00000} {row.WeightError,12:+0.0e0;-0.0e0;0}"));
    }
}
