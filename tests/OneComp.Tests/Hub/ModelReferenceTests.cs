using OneComp.Hub;
using OneComp.Tests.Support;

namespace OneComp.Tests.Hub;

/// <summary>What a user's text for a model leads to.</summary>
public sealed class ModelReferenceTests : HubTest
{
    [Fact]
    public void A_model_that_another_tool_downloaded_is_found_offline()
    {
        Settings = Settings with { Offline = true };
        var snapshot = LayOut("acme--tiny", "main", "config.json", "model.safetensors");
        Assert.Equal(snapshot, Reference(FakeHub.Id).Find(ModelNeed.Weights, Settings));
        Assert.Equal(snapshot, Reference($"{FakeHub.Id}@{FakeHub.Commit}").Find(ModelNeed.Weights, Settings));
        Assert.Empty(Hub.Requests);
    }

    [Fact]
    public void A_model_in_the_cache_is_not_asked_for()
    {
        var snapshot = LayOut("acme--tiny", "main", "config.json", "model.safetensors");
        Assert.False(Reference(FakeHub.Id).MustFetch(ModelNeed.Weights, Settings));
        Assert.Equal(snapshot, Reference(FakeHub.Id).Find(ModelNeed.Weights, Settings));
        Assert.Empty(Hub.Requests);
    }

    [Fact]
    public void An_old_model_without_an_owner_is_found_in_the_cache_and_never_asked_for()
    {
        Assert.Null(ModelReference.TryId("gpt2", Settings));
        var snapshot = LayOut("gpt2", "main", "config.json", "model.safetensors");
        Assert.Equal(snapshot, Reference("gpt2").Find(ModelNeed.Weights, Settings));
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("config.json", "pytorch_model.bin")]
    public void A_snapshot_without_weights_serves_an_estimate_alone(params string[] files)
    {
        Settings = Settings with { Offline = true };
        var snapshot = LayOut("acme--tiny", "main", files);
        Assert.Equal(snapshot, Reference(FakeHub.Id).Find(ModelNeed.Config, Settings));
        var error = Assert.Throws<HubException>(() => Reference(FakeHub.Id).Find(ModelNeed.Weights, Settings));
        Assert.Equal(HubError.NotInCache, error.Error);
        Assert.Contains("lacks the weights", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_lacks_weights_while_a_shard_is_missing()
    {
        var snapshot = LayOut("acme--tiny", "main", "config.json", "a.safetensors");
        File.WriteAllText(Path.Combine(snapshot, "model.safetensors.index.json"), """{"weight_map":{"x":"a.safetensors","y":"b.safetensors"}}""");
        Assert.True(Reference(FakeHub.Id).MustFetch(ModelNeed.Weights, Settings));
        File.WriteAllText(Path.Combine(snapshot, "b.safetensors"), "");
        Assert.False(Reference(FakeHub.Id).MustFetch(ModelNeed.Weights, Settings));
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(Path.Combine(snapshot, "b.safetensors"));
            File.CreateSymbolicLink(Path.Combine(snapshot, "b.safetensors"), "../../blobs/none");
            Assert.True(Reference(FakeHub.Id).MustFetch(ModelNeed.Weights, Settings));
        }
    }

    [Fact]
    public void Offline_a_missing_model_says_what_was_looked_for_and_where()
    {
        Settings = Settings with { Offline = true };
        var error = Assert.Throws<HubException>(() => Reference("acme/other@v2").Find(ModelNeed.Weights, Settings));
        Assert.Equal((HubError.NotInCache, "acme/other@v2"), (error.Error, error.Subject));
        Assert.All(
            ["folder 'acme/other@v2'", Path.Combine(Cache, "models--acme--other"), "HF_HUB_OFFLINE", "Save-OneCompModel"],
            text => Assert.Contains(text, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_missing_is_fetched_into_the_cache_and_no_more()
    {
        HoldOneFile();
        Hub.Files.Add(FakeFile.Small("config.json", "{}"));
        var estimate = Reference(FakeHub.Id).Find(ModelNeed.Config, Settings, this);
        Assert.Equal(["config.json"], Directory.GetFiles(estimate).Select(Path.GetFileName));
        Assert.Equal(estimate, Reference(FakeHub.Id).Find(ModelNeed.Weights, Settings, this));
        Assert.Equal(["config.json", "model.safetensors"], Hub.Fetches.Select(request => request.File));
    }

    [Fact]
    public void A_model_that_the_hub_does_not_have_names_the_other_places_too()
    {
        Hub.Fault = _ => new FakeFault { Status = 404, Headers = [("X-Error-Code", "RepoNotFound")] };
        var error = Assert.Throws<HubException>(() => Reference(FakeHub.Id).Find(ModelNeed.Config, Settings));
        Assert.Equal(HubError.ModelNotFound, error.Error);
        Assert.All(["no folder 'acme/tiny'", CacheOfModel.Folder, Hub.Endpoint.Host], text => Assert.Contains(text, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_is_itself() =>
        Assert.Equal(Repository.TinyLlama, ModelReference.ToFolder(Repository.TinyLlama).Find(ModelNeed.Weights, Settings));

    [Fact]
    public void A_snapshot_shows_as_the_models_id_and_a_folder_by_its_name()
    {
        Assert.Equal("acme/tiny", ModelReference.DisplayName(CacheOfModel.SnapshotOf(FakeHub.Commit)));
        Assert.Equal("tiny-llama", ModelReference.DisplayName(Repository.TinyLlama + Path.DirectorySeparatorChar));
    }

    [Theory]
    [InlineData("org/name", "org/name", "main")]
    [InlineData("org/name@v1", "org/name", "v1")]
    [InlineData("org/name@refs/pr/3", "org/name", "refs/pr/3")]
    [InlineData("Qwen/Qwen2.5-7B_x", "Qwen/Qwen2.5-7B_x", "main")]
    [InlineData("gpt2", "gpt2", "main")]
    public void Ids_are_read(string text, string repository, string revision)
    {
        var id = HubModelId.Parse(text);
        Assert.Equal((repository, revision), (id.Repository, id.Revision));
        Assert.Equal(text, id.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("./model")]
    [InlineData("../model")]
    [InlineData("/model")]
    [InlineData("a/b/c")]
    [InlineData("a\\b")]
    [InlineData("C:\\model")]
    [InlineData("a/")]
    [InlineData("a b/c")]
    [InlineData("a/b--c")]
    [InlineData("a/b..c")]
    [InlineData("a/.b")]
    [InlineData("a/b@")]
    [InlineData("a/b@../x")]
    [InlineData("a/b@/x")]
    [InlineData("a/b@x@y\n")]
    [InlineData("a/b\n")]
    public void Other_texts_are_no_ids(string text) =>
        Assert.Equal(HubError.IdInvalid, Assert.Throws<HubException>(() => HubModelId.Parse(text)).Error);

    [Fact]
    public void A_revision_is_named_once()
    {
        Assert.Equal("v2", HubModelId.Parse("a/b", "v2").Revision);
        Assert.Equal("v2", HubModelId.Parse("a/b@v2", "v2").Revision);
        Assert.Equal(HubError.IdInvalid, Assert.Throws<HubException>(() => HubModelId.Parse("a/b@v1", "v2")).Error);
        Assert.Equal(HubError.IdInvalid, Assert.Throws<HubException>(() => HubModelId.Parse("a/b", "../v2")).Error);
    }

    private ModelReference Reference(string text) => ModelReference.TryId(text, Settings)!;

    /// <summary>A snapshot of empty files.</summary>
    private string LayOut(string name, string reference, params string[] files)
    {
        var folder = Path.Combine(Cache, "models--" + name);
        var snapshot = Path.Combine(folder, "snapshots", FakeHub.Commit);
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(Path.Combine(folder, "refs"));
        File.WriteAllText(Path.Combine(folder, "refs", reference), FakeHub.Commit);
        Array.ForEach(files, file => File.WriteAllText(Path.Combine(snapshot, file), ""));
        return snapshot;
    }
}
