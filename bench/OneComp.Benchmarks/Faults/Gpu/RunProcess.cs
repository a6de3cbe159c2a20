using System.Diagnostics;
using System.Text;
using System.Text.Json;
using OneComp.Benchmarks.Measuring;
using OneComp.Errors;
using OneComp.Progress;
using OneComp.Tests.Pipeline.Memory.Shortage;

namespace OneComp.Benchmarks.Faults.Gpu;

/// <summary>A quantization in a process of its own: this program again, so that a published folder is all that a machine needs.</summary>
internal sealed class RunProcess : IDisposable
{
    /// <summary>The option by which the program is that process.</summary>
    public const string Option = "--child";
    private const string Mark = "gpu-faults child: ";
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private RunProcess(Process process) => _process = process;

    /// <summary>Starts it.</summary>
    /// <param name="arguments">What the program was given.</param>
    /// <param name="source">The model.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="destination">Where to.</param>
    public static RunProcess Start(Arguments arguments, string source, string device, string destination)
    {
        var dll = typeof(RunProcess).Assembly.Location;
        var isHost = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";
        var start = new ProcessStartInfo(
            Environment.ProcessPath!,
            [.. isHost ? [dll] : Array.Empty<string>(), "gpu-faults", Option, destination, "--source", source, "--device", device, "--samples", arguments.Text("--samples", ""), "--length", arguments.Text("--length", "")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var run = new RunProcess(Process.Start(start)!);
        run._process.OutputDataReceived += run.Append;
        run._process.ErrorDataReceived += run.Append;
        run._process.BeginOutputReadLine();
        run._process.BeginErrorReadLine();
        return run;
    }

    /// <summary>What that process does: prints how the run ended.</summary>
    public static int Work(Arguments arguments)
    {
        var jobs = new ShortageJobs(arguments.Text("--source", ""), arguments.Text("--device", ""), arguments);
        var halvings = new Halvings();
        var ended = new End("went on", 0, null, true);
        try
        {
            jobs.Run(ShortageJob.Quantize, arguments.Text(Option, ""), resume: false, halvings);
        }
        catch (Exception exception)
        {
            ended = new End((exception as OneCompException)?.ErrorId ?? $"NOT OURS: {exception.GetType().Name}", 0, exception.Message, exception is OneCompException);
        }

        Console.WriteLine(Mark + JsonSerializer.Serialize(ended with { Halvings = halvings.Count }));
        return ended.Ended == "went on" ? 0 : 1;
    }

    /// <summary>Waits for its end.</summary>
    public End Wait()
    {
        _process.WaitForExit();
        lock (_output)
        {
            var lines = _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return lines.FirstOrDefault(line => line.StartsWith(Mark, StringComparison.Ordinal)) is { } said
                ? JsonSerializer.Deserialize<End>(said[Mark.Length..])!
                : new End($"NOT OURS: exit code {_process.ExitCode}", 0, string.Join(' ', lines.TakeLast(5)), false);
        }
    }

    /// <summary>Waits until it quantizes, or has ended.</summary>
    public void WaitForRun()
    {
        while (!_process.HasExited && !Said(Halvings.Begun))
        {
            Thread.Sleep(5);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private bool Said(string line)
    {
        lock (_output)
        {
            return _output.ToString().Contains(line, StringComparison.Ordinal);
        }
    }

    private void Append(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.Append(line.Data).Append('\n');
        }
    }

    /// <summary>How a run ended.</summary>
    /// <param name="Ended">"went on", or the id of the error.</param>
    /// <param name="Halvings">How often less was taken at a time.</param>
    /// <param name="Message">The error's message.</param>
    /// <param name="IsOurs">Whether the error is one of ours.</param>
    internal sealed record End(string Ended, int Halvings, string? Message, bool IsOurs);

    /// <summary>Counts them, and says when the work begins: the destination is locked by then.</summary>
    private sealed class Halvings : IProgress<RunEvent>
    {
        public const string Begun = "gpu-faults child works";
        private bool _told;

        public int Count { get; private set; }

        public void Report(RunEvent value)
        {
            Count += value is FactEvent { Id: RunEventId.BatchHalved } ? 1 : 0;
            if (!_told && value is FactEvent { Id: RunEventId.PhaseStarted })
            {
                _told = true;
                Console.WriteLine(Begun);
            }
        }
    }
}
