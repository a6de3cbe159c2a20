using System.Diagnostics;
using System.Text;

namespace OneComp.Benchmarks.Faults;

/// <summary>OneComp.Host with a line of PowerShell, started so that a fault can be brought about while it works.</summary>
internal sealed class HostCommand : IDisposable
{
    private static readonly string Dll = Path.GetFullPath(Path.Combine("src", "OneComp.Host", "bin", "Release", "net10.0", "OneComp.Host.dll"));
    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly StringBuilder _output = new();

    private HostCommand(Process process) => _process = process;

    /// <summary>Everything that it has written to standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    /// <summary>Everything that it has written to standard output; whole once it has ended.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Its exit code; 128 and the signal's number where a signal ended it.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Starts it.</summary>
    /// <param name="command">PowerShell; the module is imported before.</param>
    /// <param name="before">What stands before <c>dotnet</c>: a program that changes user or limits and then runs it.</param>
    /// <param name="environment">Variables.</param>
    public static HostCommand Start(string command, IReadOnlyList<string>? before = null, params (string Name, string Value)[] environment)
    {
        string[] words = [.. before ?? [], "dotnet", "exec", Dll, "-Command", "Import-Module ./OneComp.psd1; " + command];
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["OMP_WAIT_POLICY"] = "passive";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var host = new HostCommand(Process.Start(start)!);
        host._process.OutputDataReceived += (_, line) => Append(host._output, line.Data);
        host._process.ErrorDataReceived += (_, line) => Append(host._errors, line.Data);
        host._process.BeginOutputReadLine();
        host._process.BeginErrorReadLine();
        return host;
    }

    /// <summary>Runs it to its end.</summary>
    public static HostCommand Run(string command, IReadOnlyList<string>? before = null, params (string Name, string Value)[] environment)
    {
        var host = Start(command, before, environment);
        host.Wait();
        return host;
    }

    public void Wait() => _process.WaitForExit();

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>What it said was wrong: the lines of the first error, joined.</summary>
    public string FirstError() => string.Join(' ', Errors.Split('\n')
        .Select(line => line.Trim())
        .Where(line => line.Length > 0 && !line.StartsWith("Quantizing ", StringComparison.Ordinal) && !line.StartsWith("WARNING", StringComparison.Ordinal)));

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.AppendLine(line);
            }
        }
    }
}
