using System.Management.Automation;
using OneComp.ScriptHost;

namespace OneComp.Tests.Host;

public class ShownStreamsTests
{
    [Fact]
    public void Records_that_were_shown_are_not_kept()
    {
        using var shell = PowerShell.Create();
        var (told, kept) = (0, 0);
        shell.Streams.Information.DataAdded += (_, _) => told++;
        ShownStreams.Drop(shell.Streams);
        foreach (var number in Enumerable.Range(0, 200))
        {
            shell.Streams.Information.Add(new InformationRecord(number, "test"));
            shell.Streams.Progress.Add(new ProgressRecord(1, "a", "b"));
            shell.Streams.Verbose.Add(new VerboseRecord("v"));
            kept = Math.Max(kept, shell.Streams.Information.Count + shell.Streams.Progress.Count + shell.Streams.Verbose.Count);
        }

        Assert.Equal((200, 0), (told, kept));
    }
}
