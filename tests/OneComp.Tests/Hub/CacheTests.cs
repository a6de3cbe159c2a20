using OneComp.Hub;

namespace OneComp.Tests.Hub;

/// <summary>The cache is laid out as Hugging Face's tools do, and found where they look.</summary>
public sealed class CacheTests : HubTest
{
    private const string Snapshot = $"cache/models--acme--tiny/snapshots/{FakeHub.Commit}";

    [Fact]
    public void Contents_links_and_references_are_where_other_tools_look()
    {
        var weights = HoldOneFile();
        Hub.Files.Add(FakeFile.Small("sub/config.json", "{}"));
        var saved = Save(ToCache("*"));
        string[] expected =
        [
            $"cache/.locks/models--acme--tiny/{Hub.Files[0].Hash}.lock",
            $"cache/.locks/models--acme--tiny/{Hub.Files[1].Hash}.lock",
            $"cache/models--acme--tiny/blobs/{Hub.Files[0].Hash}",
            $"cache/models--acme--tiny/blobs/{Hub.Files[1].Hash}",
            "cache/models--acme--tiny/refs/main",
            $"{Snapshot}/model.safetensors",
            $"{Snapshot}/sub/config.json",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), AllFiles());
        Assert.Equal(FakeHub.Commit, File.ReadAllText(Folder.File("cache/models--acme--tiny/refs/main")));
        Assert.Equal(Folder.File(Snapshot), saved.Model);
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(saved.Model, "model.safetensors")));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal($"../../blobs/{Hub.Files[0].Hash}", new FileInfo(Path.Combine(saved.Model, "model.safetensors")).LinkTarget);
            Assert.Equal($"../../../blobs/{Hub.Files[1].Hash}", new FileInfo(Path.Combine(saved.Model, "sub", "config.json")).LinkTarget);
        }
    }

    [Fact]
    public void What_is_there_is_not_fetched_again()
    {
        HoldOneFile();
        Save(ToCache());
        var again = Save(ToCache());
        Assert.Equal((0, 0L, 1), (again.FilesFetched, again.BytesFetched, again.Files));
        Assert.Single(Hub.Fetches);
    }

    [Fact]
    public void Force_fetches_again()
    {
        HoldOneFile();
        Save(ToCache());
        Assert.Equal(10 * Chunk, Save(ToCache() with { Force = true }).BytesFetched);
    }

    [Fact]
    public void A_content_that_another_commit_brought_is_linked()
    {
        HoldOneFile();
        Save(ToCache());
        Directory.Delete(CacheOfModel.SnapshotOf(FakeHub.Commit), recursive: true);
        Assert.Equal(0, Save(ToCache()).FilesFetched);
        Assert.True(File.Exists(Folder.File($"{Snapshot}/model.safetensors")));
    }

    [Fact]
    public void Where_links_are_not_possible_the_content_itself_is_the_file()
    {
        Settings = Settings with { Link = (_, _) => throw new UnauthorizedAccessException() };
        var content = HoldOneFile();
        var saved = Save(ToCache());
        var file = new FileInfo(Path.Combine(saved.Model, "model.safetensors"));
        Assert.Null(file.LinkTarget);
        Assert.Equal(content, File.ReadAllBytes(file.FullName));
        Assert.Empty(Directory.GetFiles(CacheOfModel.Blobs));
        Assert.Equal(0, Save(ToCache()).FilesFetched);
    }

    [Fact]
    public void Where_links_are_not_possible_a_content_of_another_snapshot_is_copied()
    {
        var content = HoldOneFile();
        Directory.CreateDirectory(CacheOfModel.Blobs);
        File.WriteAllBytes(Path.Combine(CacheOfModel.Blobs, Hub.Files[0].Hash), content);
        Settings = Settings with { Link = (_, _) => throw new IOException() };
        var saved = Save(ToCache());
        Assert.Equal(0, saved.FilesFetched);
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(saved.Model, "model.safetensors")));
        Assert.True(File.Exists(Path.Combine(CacheOfModel.Blobs, Hub.Files[0].Hash)));
    }

    [Fact]
    public void A_broken_link_is_mended()
    {
        HoldOneFile();
        var saved = Save(ToCache());
        File.Delete(Path.Combine(CacheOfModel.Blobs, Hub.Files[0].Hash));
        Assert.Equal(1, Save(ToCache()).FilesFetched);
        Assert.Equal(10 * Chunk, File.ReadAllBytes(Path.Combine(saved.Model, "model.safetensors")).Length);
    }

    [Fact]
    public void The_reference_is_written_last()
    {
        HoldOneFile();
        Hub.Fault = request => request.IsStorage ? new FakeFault { Status = 404 } : null;
        Fails(HubError.FileNotFound, ToCache());
        Assert.False(Directory.Exists(Folder.File("cache/models--acme--tiny/refs")));
    }

    [Theory]
    [InlineData("v1.0")]
    [InlineData("refs/pr/1")]
    public void A_branch_or_tag_gets_a_reference_of_its_own(string revision)
    {
        HoldOneFile();
        var id = HubModelId.Parse(FakeHub.Id, revision);
        Save(ToCache() with { Id = id });
        Assert.Equal(FakeHub.Commit, File.ReadAllText(Path.Combine([CacheOfModel.Folder, "refs", .. revision.Split('/')])));
        Assert.Equal(CacheOfModel.SnapshotOf(FakeHub.Commit), new HubCache(Cache, id).FindSnapshot());
        Assert.Contains(Hub.Requests, request => request.Path.EndsWith("/revision/" + revision, StringComparison.Ordinal) || request.Path.EndsWith(Uri.EscapeDataString(revision), StringComparison.Ordinal));
    }

    [Fact]
    public void A_commit_needs_no_reference()
    {
        HoldOneFile();
        var id = HubModelId.Parse($"{FakeHub.Id}@{FakeHub.Commit}");
        Save(ToCache() with { Id = id });
        Assert.False(Directory.Exists(Path.Combine(CacheOfModel.Folder, "refs")));
        Assert.NotNull(new HubCache(Cache, id).FindSnapshot());
    }

    [Fact]
    public async Task A_content_that_another_process_fetches_is_waited_for_and_then_used()
    {
        var content = HoldOneFile();
        var hash = BlobHash.TryParse(Hub.Files[0].Hash)!.Value;
        Task<SavedModel> running;
        using (await FileLock.TakeAsync(CacheOfModel.LockOf(hash), () => { }, default))
        {
            running = Task.Run(() => Save(ToCache()));
            Assert.True(SpinWait.SpinUntil(() => Events.Any(told => told.ToString().Contains("another process", StringComparison.Ordinal)), TimeSpan.FromSeconds(20)));
            Directory.CreateDirectory(CacheOfModel.Blobs);
            File.WriteAllBytes(CacheOfModel.BlobOf(hash), content);
        }

        Assert.Equal(0, (await running).FilesFetched);
        Assert.Empty(Hub.Fetches);
    }

    [Fact]
    public void Too_little_room_is_said_before_the_first_byte()
    {
        HoldOneFile();
        Settings = Settings with { FreeSpace = _ => 1000 };
        Assert.Contains("0.000 GB are free", Fails(HubError.DiskFull, ToCache()).Message, StringComparison.Ordinal);
        Assert.Empty(AllFiles());
        Settings = Settings with { FreeSpace = _ => null };
        Save(ToCache());
    }
}
