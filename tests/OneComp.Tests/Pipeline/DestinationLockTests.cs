using System.Diagnostics;
using System.Text.Json.Nodes;
using OneComp.Pipeline;
using OneComp.Pipeline.Locking;
using OneComp.Progress;
using OneComp.Tests.Pipeline.Resuming;
using OneComp.Tests.Support;

namespace OneComp.Tests.Pipeline;

public sealed class DestinationLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Target => _folder.File("out");

    private string LockFile => _folder.File(".out.lock");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_second_run_is_refused_and_told_who_holds_it()
    {
        using var taken = DestinationLock.Take(Target, null);

        var error = Assert.Throws<DestinationException>(() => DestinationLock.Take(Target, null));

        Assert.Equal((DestinationError.Locked, "DestinationLocked"), (error.Error, error.ErrorId));
        Assert.Contains($"{Environment.UserName} on {Environment.MachineName}, process {Environment.ProcessId}, since ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_gone_when_given_back_and_can_be_taken_again()
    {
        DestinationLock.Take(Target, null).Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        DestinationLock.Take(Target, null).Dispose();
    }

    [Fact]
    public void Of_several_at_once_one_gets_it()
    {
        var taken = new System.Collections.Concurrent.ConcurrentBag<DestinationLock>();
        Parallel.For(0, 16, _ =>
        {
            try
            {
                taken.Add(DestinationLock.Take(Target, null));
            }
            catch (DestinationException)
            {
            }
        });

        Assert.Single(taken).Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_name_is_given_to_one_file_of_many()
    {
        var files = Enumerable.Range(0, 2000).Select(i => _folder.File($"file-{i}")).ToList();
        files.ForEach(file => File.WriteAllText(file, file));
        var given = 0;
        for (var round = 0; round < 1000; round++)
        {
            Parallel.Invoke(() => Give(2 * round), () => Give((2 * round) + 1)); // at the same time, or a lookout would do
            File.Delete(_folder.File("name"));
        }

        Assert.Equal(1000, given);
        Assert.Equal(1000, Directory.GetFiles(_folder.Path).Length);

        void Give(int file) => Interlocked.Add(ref given, ExclusiveMove.Try(files[file], _folder.File("name")) ? 1 : 0);
    }

    [Fact]
    public void The_lock_of_a_process_that_has_ended_is_taken_over()
    {
        using (var process = Process.Start(new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true })!)
        {
            process.WaitForExit();
            Write(LockOwner.Current() with { ProcessId = process.Id, Process = "another" });
        }

        AssertTakenOver();
    }

    [Fact]
    public void So_is_that_of_an_earlier_process_of_the_same_number()
    {
        Write(LockOwner.Current() with { Process = "earlier boot:17" });
        AssertTakenOver();
    }

    [Fact]
    public void A_lock_of_another_machine_stays_and_the_message_says_how_to_remove_it()
    {
        Write(LockOwner.Current() with { Host = "elsewhere", ProcessId = int.MaxValue });

        var error = Assert.Throws<DestinationException>(() => DestinationLock.Take(Target, null));

        Assert.Equal(DestinationError.Locked, error.Error);
        Assert.Contains("on elsewhere, process", error.Message, StringComparison.Ordinal);
        Assert.Contains($"delete '{LockFile}'", error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(LockFile));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"lock_version":1,"user":"u","host":"h","process_id":"x","process":"p","since":"2026-01-01"}""")]
    public void A_damaged_lock_is_an_error_with_its_own_id(string content)
    {
        File.WriteAllText(LockFile, content);
        Assert.Equal("DestinationLockUnreadable", Assert.Throws<DestinationException>(() => DestinationLock.Take(Target, null)).ErrorId);
    }

    [Fact]
    public void An_owner_survives_being_written_and_read()
    {
        var owner = LockOwner.Current();
        Assert.Equal(owner, LockOwner.Parse(System.Text.Encoding.UTF8.GetBytes(owner.ToJson().ToJsonString())));
    }

    [Fact]
    public void A_running_process_is_not_gone() => Assert.False(LockOwner.Current().IsGone);

    private void Write(LockOwner owner) => File.WriteAllText(LockFile, ((JsonNode)owner.ToJson()).ToJsonString());

    private void AssertTakenOver()
    {
        List<RunEvent> events = [];
        using (DestinationLock.Take(Target, new StoppedRun.Listener(events.Add)))
        {
            Assert.Equal(Environment.ProcessId, LockOwner.Parse(File.ReadAllBytes(LockFile))!.ProcessId);
            Assert.Equal(RunEventId.LockTakenOver, Assert.IsType<FactEvent>(Assert.Single(events)).Id);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }
}
