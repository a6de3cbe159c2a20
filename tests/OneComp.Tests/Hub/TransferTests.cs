using OneComp.Hub;
using OneComp.Progress;

namespace OneComp.Tests.Hub;

/// <summary>Bytes arrive whole and right, or not at all, whatever the network does.</summary>
public sealed class TransferTests : HubTest
{
    private const int Size = 10 * Chunk;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void A_connection_that_breaks_at_a_tenth_of_the_file_goes_on_there(int tenth)
    {
        var content = HoldOneFile();
        Hub.Fault = request => request is { IsStorage: true, Earlier: 0 } ? new FakeFault { DropAt = (tenth * Size / 10) - 100 } : null;
        var saved = Save();
        Assert.Equal(content, Saved());
        Assert.Equal(Size, saved.BytesFetched);
        Assert.Equal(2, Hub.Fetches.Count);
        Assert.InRange(Hub.Fetches[1].Offset, 1, (tenth * Size / 10) - 100);
    }

    [Fact]
    public void A_connection_that_breaks_at_every_tenth_does_not_run_out_of_tries()
    {
        Settings = Settings with { Retries = 2 };
        var content = HoldOneFile(50 * Chunk);
        Hub.Fault = request => request.IsStorage ? new FakeFault { DropAt = request.Offset + (5 * Chunk) } : null;
        Assert.Equal(content.Length, Save().BytesFetched);
        Assert.Equal(content, Saved());
    }

    [Fact]
    public void A_connection_that_brings_nothing_runs_out_of_tries()
    {
        HoldOneFile();
        Hub.Fault = request => request.IsStorage ? new FakeFault { DropAt = request.Offset } : null;
        var error = Fails(HubError.Unreachable);
        Assert.Contains("goes on where it stopped", error.Message, StringComparison.Ordinal);
        Assert.Equal(1 + Settings.Retries, Hub.Fetches.Count);
        Assert.Equal(Settings.Retries, Clock.Waits.Count);
    }

    [Fact]
    public void A_body_that_ends_early_is_gone_on_with()
    {
        var content = HoldOneFile();
        Hub.Fault = request => request is { IsStorage: true, Earlier: 0 } ? new FakeFault { EndAt = 3456 } : null;
        Assert.Equal(Size, Save().BytesFetched);
        Assert.Equal(content, Saved());
        Assert.Equal([0, 3456], Hub.Fetches.Select(request => request.Offset));
    }

    [Fact]
    public void A_body_that_goes_on_after_the_stated_size_is_refused()
    {
        HoldOneFile();
        Hub.Fault = request => request.IsStorage ? new FakeFault { EndAt = Size + 1 } : null;
        Fails(HubError.HashMismatch);
        Assert.False(File.Exists(Path.Combine(Destination, "model.safetensors")));
    }

    [Fact]
    public void A_server_that_falls_silent_is_asked_again()
    {
        Settings = Settings with { IdleTimeout = TimeSpan.FromMilliseconds(300) };
        var content = HoldOneFile();
        Hub.Fault = request => request is { IsStorage: true, Earlier: 0 } ? new FakeFault { StallAt = 5000 } : null;
        Save();
        Assert.Equal(content, Saved());
        Assert.Equal([0, 5000], Hub.Fetches.Select(request => request.Offset));
        Assert.Contains(Events.OfType<VerboseEvent>(), told => told.Message.Contains("sent nothing for 0.3 s", StringComparison.Ordinal));
    }

    [Fact]
    public void A_server_without_ranges_sends_the_file_anew()
    {
        var content = HoldOneFile();
        Hub.Fault = request => request.IsStorage ? new FakeFault { IgnoreRange = true, DropAt = request.Earlier == 0 ? 5000 : null } : null;
        Assert.InRange(Save().BytesFetched, Size + 1, Size + 5000);
        Assert.Equal(content, Saved());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Wrong_bytes_never_get_the_files_name(bool large)
    {
        var content = FakeFile.Bytes(Size);
        Hub.Files.Add(large ? FakeFile.Large("model.safetensors", content) : FakeFile.Small("model.safetensors", content));
        Hub.Fault = request => request.File is not null ? new FakeFault { Spoil = true } : null;
        var error = Fails(HubError.HashMismatch);
        Assert.Contains(Hub.Files[0].Hash, error.Message, StringComparison.Ordinal);
        Assert.Equal("model.safetensors", error.Subject);
        Assert.Empty(AllFiles());
    }

    [Fact]
    public void A_stopped_download_is_gone_on_with_by_the_next()
    {
        var content = HoldOneFile();
        using var stop = new CancellationTokenSource();
        Hub.Fault = request => request is { IsStorage: true, Earlier: 0 } ? new FakeFault { StallAt = 34_567 } : null;
        var partial = "";
        var running = Task.Run(() => Save(token: stop.Token));
        Assert.True(SpinWait.SpinUntil(
            () => (partial = Directory.Exists(Destination) ? Directory.GetFiles(Destination, "*.incomplete").SingleOrDefault() ?? "" : "").Length > 0 && new FileInfo(partial).Length >= 3 * Chunk,
            TimeSpan.FromSeconds(20)));
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => running.GetAwaiter().GetResult());
        var left = new FileInfo(partial).Length;
        Assert.InRange(left, 3 * Chunk, 34_567);

        Assert.Equal(Size - left, Save().BytesFetched);
        Assert.Equal(left, Hub.Fetches[^1].Offset);
        Assert.Equal(content, Saved());
        Assert.Equal(["model/model.safetensors"], AllFiles());
    }

    [Theory]
    [InlineData(5000)]
    [InlineData(Size)]
    [InlineData(Size + 7)]
    public void A_partial_file_with_wrong_bytes_is_fetched_anew(int length)
    {
        var content = HoldOneFile();
        Directory.CreateDirectory(CacheOfModel.Blobs);
        File.WriteAllBytes(Path.Combine(CacheOfModel.Blobs, Hub.Files[0].Hash + ".incomplete"), new byte[length]);
        var saved = Save(ToCache());
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(saved.Model, "model.safetensors")));
    }

    [Fact]
    public void A_whole_partial_file_only_gets_its_name()
    {
        var content = HoldOneFile();
        Directory.CreateDirectory(CacheOfModel.Blobs);
        File.WriteAllBytes(Path.Combine(CacheOfModel.Blobs, Hub.Files[0].Hash + ".incomplete"), content);
        Assert.Equal(0, Save(ToCache()).BytesFetched);
        Assert.Empty(Hub.Fetches);
    }

    [Fact]
    public void An_empty_file_is_made_without_asking()
    {
        Hub.Files.Add(FakeFile.Small("model.safetensors", ""));
        Assert.Equal(1, Save().FilesFetched);
        Assert.Empty(Saved());
        Assert.Empty(Hub.Fetches);
    }

    [Fact]
    public async Task Files_come_several_at_once_and_no_more_than_asked_for()
    {
        Settings = Settings with { MaxParallel = 3 };
        Hub.Files.AddRange(Enumerable.Range(0, 8).Select(i => FakeFile.Large($"{i}.json", FakeFile.Bytes(1000, i))));
        var (now, most) = (0, 0);
        var three = new TaskCompletionSource();
        Hub.Fault = request => !request.IsStorage ? null : new FakeFault
        {
            Wait = async () =>
            {
                var count = Interlocked.Increment(ref now);
                lock (three)
                {
                    most = Math.Max(most, count);
                }

                if (count == 3)
                {
                    three.TrySetResult();
                }

                await three.Task.WaitAsync(TimeSpan.FromSeconds(20)); // the first do not go on before three are there
                Interlocked.Decrement(ref now);
            },
        };
        Assert.Equal(8, (await Task.Run(() => Save(ToFolder("*")))).FilesFetched);
        Assert.Equal(3, most);
    }

    [Fact]
    public void Progress_counts_bytes_and_files_up_to_the_last()
    {
        HoldOneFile();
        Hub.Files.Add(FakeFile.Small("config.json", "{}"));
        Save();
        var told = Events.OfType<ProgressEvent>().ToList();
        Assert.All(told, step => Assert.Equal((0, "Downloading acme/tiny", Size + 2L), (step.Level, step.Activity, step.Total)));
        Assert.Equal(told.Select(step => step.Done).Order(), told.Select(step => step.Done));
        Assert.True(told[^1].IsComplete);
        Assert.Single(told, step => step.IsComplete);
        Assert.Contains("of 2 files", told[0].Status, StringComparison.Ordinal);
    }
}
