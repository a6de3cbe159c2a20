using System.Text.Json.Nodes;
using OneComp.Models;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Models;

public sealed class ModelConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(LogitsTests.Architectures), MemberType = typeof(LogitsTests))]
    public void Both_spellings_read_the_same(string name)
    {
        var newer = ModelConfig.Load(ModelFolders.Architecture(name));
        ModelFolders.CopyWithOlderConfig(name, _folder);
        var older = ModelConfig.Load(_folder.Path);
        Assert.NotEqual(newer.Raw.ToJsonString(), older.Raw.ToJsonString());
        Assert.Equal(newer.LayerTypes, older.LayerTypes);
        Assert.Equal(newer, older with { Folder = newer.Folder, Raw = newer.Raw, LayerTypes = newer.LayerTypes });
    }

    [Fact]
    public void Tiny_llama_reads_with_all_its_numbers()
    {
        var config = ModelConfig.Load(Repository.TinyLlama);
        Assert.Equal("LlamaForCausalLM", config.Architecture);
        Assert.Equal("llama", config.ModelType);
        Assert.Equal((256, 640, 6), (config.HiddenSize, config.IntermediateSize, config.NumLayers));
        Assert.Equal((8, 4, 32), (config.NumHeads, config.NumKeyValueHeads, config.HeadDim));
        Assert.Equal((4096, 512), (config.VocabularySize, config.MaxPositionEmbeddings));
        Assert.Equal((1e-5, 10000.0), (config.RmsNormEps, config.RopeTheta));
        Assert.Equal((null, ActivationFunction.Silu, false), (config.RopeScaling, config.Activation, config.TieWordEmbeddings));
        Assert.Equal(DType.BF16, config.TorchDType);
    }

    [Fact]
    public void Llama3_rope_scaling_reads() => Assert.Equal(
        new RopeScaling(RopeScalingKind.Llama3, 8, 1, 4, 64), ModelConfig.Load(ModelFolders.Architecture("llama3-rope")).RopeScaling);

    [Fact]
    public void Linear_rope_scaling_reads_in_its_oldest_spelling() => Assert.Equal(
        new RopeScaling(RopeScalingKind.Linear, 2.5),
        Load(config => config["rope_scaling"] = new JsonObject { ["type"] = "linear", ["factor"] = 2.5 }).RopeScaling);

    [Fact]
    public void Absent_fields_take_their_defaults()
    {
        var config = Load();
        Assert.Equal((4, 8), (config.NumKeyValueHeads, config.HeadDim));
        Assert.Equal((10000.0, 1e-6), (config.RopeTheta, config.RmsNormEps));
        Assert.False(config.TieWordEmbeddings || config.AttentionBias || config.MlpBias);
        Assert.Null(config.SlidingWindow);
        Assert.Null(config.TorchDType);
    }

    [Theory]
    [InlineData("silu", ActivationFunction.Silu)]
    [InlineData("swish", ActivationFunction.Silu)]
    [InlineData("gelu", ActivationFunction.Gelu)]
    [InlineData("gelu_new", ActivationFunction.GeluTanh)]
    [InlineData("gelu_pytorch_tanh", ActivationFunction.GeluTanh)]
    public void Activations_read(string name, ActivationFunction expected) =>
        Assert.Equal(expected, Load(config => config["hidden_act"] = name).Activation);

    [Fact]
    public void A_window_that_is_switched_off_is_none() => Assert.Null(Load(config =>
    {
        config["sliding_window"] = 16;
        config["use_sliding_window"] = false;
    }).SlidingWindow);

    private ModelConfig Load(Action<JsonObject>? change = null)
    {
        ConfigFile.Write(_folder, change);
        return ModelConfig.Load(_folder.Path);
    }
}
