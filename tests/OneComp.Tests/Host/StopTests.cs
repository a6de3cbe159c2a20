using System.Diagnostics;
using OneComp.Tests.Support;

namespace OneComp.Tests.Host;

/// <summary>Signals: Windows has no way to send one to a single child, so these run elsewhere.</summary>
public sealed class StopTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void A_signal_stops_the_script_cleanly(string signal, int exitCode)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var host = Start("'ready'; try { while ($true) { [Threading.Thread]::Sleep(20) } } finally { [Console]::Out.WriteLine('cleaned up') }");
        Send(signal, host);
        Assert.Equal("cleaned up", host.Output.ReadLine());
        Assert.Equal((exitCode, ""), host.Wait());
    }

    [Fact]
    public void A_second_signal_ends_a_script_that_does_not_stop()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var host = Start("'ready'; try { [Threading.Thread]::Sleep(1) } finally { [Console]::Out.WriteLine('stubborn'); [Threading.Thread]::Sleep(60000) }");
        Assert.Equal("stubborn", host.Output.ReadLine());
        Send("INT", host);
        Thread.Sleep(500); // two equal signals that wait at once count as one
        Send("INT", host);
        Assert.Equal(130, host.Wait().ExitCode);
    }

    private HostProcess Start(string text)
    {
        var script = _folder.File("script.ps1");
        File.WriteAllText(script, text);
        var host = HostProcess.Start(script);
        Assert.Equal("ready", host.Output.ReadLine());
        return host;
    }

    private static void Send(string signal, HostProcess host)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {host.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
