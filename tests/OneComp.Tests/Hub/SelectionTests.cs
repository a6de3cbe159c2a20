using System.Text;
using OneComp.Hub;
using OneComp.Progress;

namespace OneComp.Tests.Hub;

/// <summary>Only what is needed is fetched.</summary>
public sealed class SelectionTests : HubTest
{
    private static readonly string[] Side = ["LICENSE", "README.md", "config.json", "tokenizer.json", "tokenizer.model"];

    [Fact]
    public void An_index_says_which_weights_are_the_models()
    {
        HoldModel("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "consolidated.safetensors", "model.fp16.safetensors", "pytorch_model.bin", "original/params.json", "onnx/model.onnx");
        Hub.Files.Add(FakeFile.Small("model.safetensors.index.json", """{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors","c":"model-00001-of-00002.safetensors"}}"""));
        Save();
        Assert.Equal(((string[])[.. Side, "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"]).Order(StringComparer.Ordinal), Names());
        Assert.DoesNotContain(Hub.Fetches, request => request.File == "consolidated.safetensors");
    }

    [Fact]
    public void Without_an_index_there_is_one_file_of_weights()
    {
        HoldModel("model.safetensors", "adapter_model.safetensors", "pytorch_model.bin", "tf_model.h5");
        Save();
        Assert.Equal(((string[])[.. Side, "model.safetensors"]).Order(StringComparer.Ordinal), Names());
    }

    [Fact]
    public void An_index_that_names_a_missing_shard_is_refused()
    {
        HoldModel("model-1.safetensors");
        Hub.Files.Add(FakeFile.Small("model.safetensors.index.json", """{"weight_map":{"a":"model-1.safetensors","b":"../../x.safetensors"}}"""));
        Assert.Equal("../../x.safetensors", Fails(HubError.AnswerInvalid).Subject);
        Assert.Empty(AllFiles());
    }

    [Fact]
    public void An_estimate_needs_the_settings_alone()
    {
        HoldModel("model.safetensors");
        Save(ToFolder() with { Need = ModelNeed.Config });
        Assert.Equal(["config.json"], Names());
    }

    [Fact]
    public void Include_replaces_the_choice_and_Exclude_takes_from_it()
    {
        HoldModel("model.safetensors", "gguf/a.gguf", "gguf/b.gguf");
        Save(ToFolder("*.gguf", "config.*") with { Exclude = ["*/b.*"] });
        Assert.Equal(["config.json", "gguf/a.gguf"], Names());
    }

    [Fact]
    public void Pickled_weights_are_never_fetched()
    {
        HoldModel("pytorch_model.bin");
        Assert.Contains("can run code", Fails(HubError.PickledWeights).Message, StringComparison.Ordinal);
        Fails(HubError.PickledWeights, ToFolder("*.bin"));
        Assert.Empty(AllFiles());
    }

    [Fact]
    public void Pickled_weights_among_others_are_left_out_with_a_warning()
    {
        HoldModel("model.safetensors", "pytorch_model.bin", "optimizer.pt");
        Save(ToFolder("*"));
        Assert.Equal(((string[])[.. Side, "model.safetensors"]).Order(StringComparer.Ordinal), Names());
        Assert.Contains("2 files of pickled weights", Assert.Single(Events.OfType<WarningEvent>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Patterns_that_leave_nothing_are_named()
    {
        HoldModel("model.safetensors");
        Assert.Contains("*.gguf", Fails(HubError.NothingSelected, ToFolder("*.gguf")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_weights_of_any_kind_is_refused()
    {
        HoldModel();
        Fails(HubError.NothingSelected);
    }

    private void HoldModel(params string[] more) =>
        Hub.Files.AddRange(Side.Concat(more).Select(name => FakeFile.Small(name, Encoding.UTF8.GetBytes(name))));

    private IEnumerable<string> Names() => AllFiles().Select(name => name["model/".Length..]);
}
