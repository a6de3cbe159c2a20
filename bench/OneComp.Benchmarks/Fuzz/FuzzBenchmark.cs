using System.Globalization;
using OneComp.Benchmarks.Measuring;
using OneComp.Tests.Fuzz;

namespace OneComp.Benchmarks.Fuzz;

/// <summary>Reads spoiled files by the million: every input must be read, or refused with an error of ours, in time and in proportion.</summary>
internal static class FuzzBenchmark
{
    /// <summary>Runs one target or all, prints a line for each and writes inputs that fail.</summary>
    /// <returns>Whether none failed.</returns>
    public static bool Run(Arguments arguments)
    {
        var (name, count, seed) = (arguments.Text("--target", "all"), arguments.Whole("--count", 10_000), arguments.Whole("--seed", 1));
        var findings = Path.GetFullPath(arguments.Text("--findings", Path.Combine("bench", "findings")));
        using var scratch = new Scratch();
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        var targets = FuzzTargets.All(scratch).Where(target => name == "all" || name.Split(',').Contains(target.Name)).ToList();
        if (targets.Count == 0)
        {
            Console.Error.WriteLine($"There is no target '{name}'; there are: {string.Join(", ", FuzzTargets.All(scratch).Select(target => target.Name))}.");
            return false;
        }

        if (arguments.Text("--input", "") is { Length: > 0 } file)
        {
            return Replay(targets[0], File.ReadAllBytes(file));
        }

        if (arguments.Whole("--number", -1) is >= 0 and var number)
        {
            Directory.CreateDirectory(findings);
            File.WriteAllBytes(Path.Combine(findings, string.Create(CultureInfo.InvariantCulture, $"{targets[0].Name}-{seed}-{number}.input")), targets[0].Input(seed, number));
            return true;
        }

        Console.WriteLine($"{"target",-18} {"inputs",9} {"named",9} {"ids",4} {"accepted",9} {"failures",8} {"slowest ms",11} {"bytes/byte",11} {"seconds",8}");
        var reports = new List<FuzzReport>();
        using var watchdog = new Watchdog(findings);
        foreach (var target in targets)
        {
            var runner = new FuzzRunner(target, new FuzzLimits()) { Before = (number, input) => watchdog.Next(target.Name, number, input) };
            reports.Add(runner.Run(count, seed, stop.Token));
            Print(reports[^1]);
            Keep(reports[^1], findings, seed);
        }

        if (arguments.Text("--out", "") is { Length: > 0 } output)
        {
            ResultFile.Write(output, "cpu", reports.Select(report => report with { Failures = [.. report.Failures.Select(failure => failure with { Input = [], Detail = "" })] }));
        }

        return reports.All(report => report.Failures.Count == 0);
    }

    /// <summary>Reads one input again and shows where it goes wrong; one that does not end is stopped after a while, which shows where it is.</summary>
    private static bool Replay(FuzzTarget target, byte[] input)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
#pragma warning disable SYSLIB0046 // stopping a thread anywhere is what is wanted: the process ends after it
            System.Runtime.ControlledExecution.Run(() => target.Parse(input), patience.Token);
#pragma warning restore SYSLIB0046
            Console.WriteLine("accepted");
            return true;
        }
        catch (OperationCanceledException exception)
        {
            Console.WriteLine((exception.InnerException ?? exception).ToString());
        }
        catch (OneComp.Errors.OneCompException exception)
        {
            Console.WriteLine(exception.ToString());
            return true;
        }

        return false;
    }

    private static void Print(FuzzReport report)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Target,-18} {report.Inputs,9} {report.NamedErrors,9} {report.ErrorIds,4} {report.Accepted,9} {report.Failures.Sum(failure => failure.Count),8} {report.SlowestMs,11:0.0} {report.LargestRatio,11:0} {report.Seconds,8:0.0}"));
        foreach (var failure in report.Failures)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {failure.Count} x {failure.Kind}, smallest is input {failure.Number} of {failure.Input.Length} bytes"));
        }
    }

    private static void Keep(FuzzReport report, string folder, int seed)
    {
        foreach (var failure in report.Failures)
        {
            Directory.CreateDirectory(folder);
            var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{report.Target}-{seed}-{failure.Number}"));
            File.WriteAllBytes(path + ".input", failure.Input);
            File.WriteAllText(path + ".txt", $"{failure.Kind}\n{failure.Detail}\n");
        }
    }
}
