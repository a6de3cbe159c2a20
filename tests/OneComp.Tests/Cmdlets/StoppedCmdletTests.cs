using System.Management.Automation;
using OneComp.Progress;
using OneComp.Tests.Support;

namespace OneComp.Tests.Cmdlets;

/// <summary>A run that a user stops leaves as little behind as one that is refused.</summary>
public sealed class StoppedCmdletTests : BadInputTest
{
    [Fact]
    public void A_stop_in_the_middle_leaves_what_the_run_needs_to_go_on_and_nothing_else()
    {
        var before = Snapshot(Repository.TinyLlama);
        using var shell = Session.NewShell().AddScript("""
            param($Model, $Destination)
            New-GptqQuantizer | Invoke-OneCompQuantization $Model -Destination $Destination -NumCalibrationSamples 32 -MaxLength 256 -ResampleRounds 0 -Device cpu
            """);
        shell.AddParameter("Model", Repository.TinyLlama).AddParameter("Destination", Folder.File("q"));
        using var working = new ManualResetEventSlim();
        shell.Streams.Information.DataAdded += (_, added) =>
        {
            if (shell.Streams.Information[added.Index].Tags.Contains(nameof(RunEventId.BlockFinished)))
            {
                working.Set(); // the next block may have begun before this one is on the disk
            }
        };
        shell.BeginInvoke();
        Assert.True(working.Wait(TimeSpan.FromMinutes(1)), "the run finished no block");
        Assert.NotEmpty(Directory.GetFileSystemEntries(Folder.Path));
        shell.Stop();
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Empty(shell.Streams.Error);
        Assert.Equal([".q.run"], Directory.GetFileSystemEntries(Folder.Path).Select(Path.GetFileName));
        Assert.Equal(before, Snapshot(Repository.TinyLlama));
    }
}
