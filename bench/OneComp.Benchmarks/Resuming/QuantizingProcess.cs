using System.Diagnostics;
using System.Text.Json.Nodes;

namespace OneComp.Benchmarks.Resuming;

/// <summary>OneComp.Host, quantizing tiny-llama by a plan of AutoBit and then measuring it.</summary>
internal sealed class QuantizingProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _log;

    private QuantizingProcess(Process process, string log) => (_process, _log) = (process, log);

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Starts it; it goes on where one is unfinished.</summary>
    /// <param name="destination">Folder of the result.</param>
    /// <param name="log">Its log, which is made anew.</param>
    public static QuantizingProcess Start(string destination, string log)
    {
        File.Delete(log);
        var host = Path.GetFullPath(Path.Combine("src", "OneComp.Host", "bin", "Release", "net10.0", "OneComp.Host.dll"));
        var command = "Import-Module ./OneComp.psd1; 2, 3, 4 | New-GptqQuantizer -GroupSize 64 -Preset Reference | New-AutoBitQuantizer -TargetBit 3 -NumCalibSamples 8 -CalibSeqLen 128 | "
            + $"Invoke-OneCompQuantization ./examples/models/tiny-llama '{destination}' -NumCalibrationSamples 32 -MaxLength 128 -Device cpu -Resume -LogPath '{log}' | "
            + "Measure-OneCompPerplexity -Path ./examples/data/held-out.txt -MaxLength 128 -Device cpu";
        var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", host, "-Command", command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new QuantizingProcess(process, log);
    }

    /// <summary>Waits until the run has begun: the process and the module have started.</summary>
    public void WaitForRun()
    {
        while (!_process.HasExited && Events().Count == 0)
        {
            Thread.Sleep(2);
        }
    }

    /// <summary>What the log says last: a phase, layer or block.</summary>
    public string Stage() => Events().LastOrDefault()?["message"]?.ToString() ?? "starting";

    public void Kill() => _process.Kill();

    /// <summary>Sends SIGINT, what Ctrl+C does, and gives the time to the end of the process.</summary>
    public TimeSpan Interrupt()
    {
        var clock = Stopwatch.StartNew();
        using (var kill = Process.Start("/bin/kill", ["-INT", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            kill.WaitForExit();
        }

        _process.WaitForExit();
        return clock.Elapsed;
    }

    public void Wait() => _process.WaitForExit();

    public void Dispose() => _process.Dispose();

    private List<JsonNode> Events()
    {
        if (!File.Exists(_log))
        {
            return [];
        }

        using var reader = new StreamReader(new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. reader.ReadToEnd().Split('\n')[..^1].Select(line => JsonNode.Parse(line)!)];
    }
}
