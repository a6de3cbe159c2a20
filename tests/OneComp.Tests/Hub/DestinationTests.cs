using OneComp.Hub;

namespace OneComp.Tests.Hub;

/// <summary>A folder of the user's own.</summary>
public sealed class DestinationTests : HubTest
{
    [Fact]
    public void Only_the_models_files_are_left_in_the_folder()
    {
        HoldOneFile();
        Hub.Files.Add(FakeFile.Small("config.json", "{}"));
        var saved = Save();
        Assert.Equal(["model/config.json", "model/model.safetensors"], AllFiles());
        Assert.Equal((Destination, "acme/tiny", "main", FakeHub.Commit, 2, 2), (saved.Model, saved.Id, saved.Revision, saved.Commit, saved.Files, saved.FilesFetched));
        Assert.Equal(10 * Chunk + 2, saved.Bytes);
    }

    [Fact]
    public void A_file_that_is_the_hubs_stays()
    {
        HoldOneFile();
        Save();
        Assert.Equal(0, Save().FilesFetched);
        Assert.Single(Hub.Fetches);
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(5)]
    public void A_file_that_differs_is_replaced_only_by_force(int length)
    {
        var content = HoldOneFile();
        Directory.CreateDirectory(Destination);
        File.WriteAllBytes(Path.Combine(Destination, "model.safetensors"), new byte[length]);
        Assert.Contains("-Force", Fails(HubError.FileExists).Message, StringComparison.Ordinal);
        Assert.Equal(new byte[length], Saved());
        Save(ToFolder() with { Force = true });
        Assert.Equal(content, Saved());
    }

    [Fact]
    public void Offline_nothing_is_asked()
    {
        HoldOneFile();
        Settings = Settings with { Offline = true };
        Assert.Contains("HF_HUB_OFFLINE", Fails(HubError.NotInCache).Message, StringComparison.Ordinal);
        Assert.Empty(Hub.Requests);
    }
}
