using System.Diagnostics;

namespace OneComp.Tests.Support;

/// <summary>OneComp.Host as a child process.</summary>
internal sealed class HostProcess : IDisposable
{
    // .../tests/OneComp.Tests/bin/Release/net10.0/: the same configuration of the host.
    private static readonly string Dll = Path.Combine(
        Repository.Root, "src", "OneComp.Host", "bin",
        Path.GetRelativePath(Path.Combine(Repository.Root, "tests", "OneComp.Tests", "bin"), AppContext.BaseDirectory), "OneComp.Host.dll");

    private readonly Process _process;
    private readonly Task<string> _error;

    private HostProcess(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    public StreamReader Output => _process.StandardOutput;

    /// <summary>Starts the host in the repository's root.</summary>
    public static HostProcess Start(params string[] arguments)
    {
        return new HostProcess(StartProcess(arguments));
    }

    /// <summary>The bare process, with variables added to the environment.</summary>
    public static Process StartProcess(IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        foreach (var argument in (string[])["exec", Dll, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Runs the host to its end.</summary>
    public static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var host = Start(arguments);
        var output = host.Output.ReadToEnd();
        var (exitCode, error) = host.Wait();
        return (exitCode, output, error);
    }

    /// <summary>Waits for the end, a minute at most.</summary>
    public (int ExitCode, string Error) Wait()
    {
        Assert.True(_process.WaitForExit(TimeSpan.FromMinutes(1)), "the host did not end");
        return (_process.ExitCode, _error.GetAwaiter().GetResult());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
