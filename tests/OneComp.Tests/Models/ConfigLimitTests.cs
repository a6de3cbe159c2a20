using System.Text.Json.Nodes;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Tests.Support;

namespace OneComp.Tests.Models;

/// <summary>config.json is not trusted: numbers that no model has are refused before lists and products are made of them, and nothing in it runs.</summary>
public sealed class ConfigLimitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("num_hidden_layers", 1024, 1025)]
    [InlineData("hidden_size", 4194304, 4194305)]
    [InlineData("intermediate_size", 4194304, 4194305)]
    [InlineData("vocab_size", 16777216, 16777217)]
    [InlineData("head_dim", 524288, 4194305)]
    public void Sizes_are_bounded(string field, int most, int more)
    {
        Write(config => config[field] = most);
        Assert.NotEmpty(ModelTopology.Of(ModelConfig.Load(_folder.Path)).Tensors);
        Write(config => config[field] = more);
        var error = Assert.Throws<ModelException>(() => ModelConfig.Load(_folder.Path));
        Assert.Equal(ModelError.ConfigFieldInvalid, error.Error);
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_largest_of_everything_can_be_counted()
    {
        Write(config =>
        {
            (config["num_hidden_layers"], config["hidden_size"], config["intermediate_size"], config["vocab_size"]) = (1024, 1 << 22, 1 << 22, 1 << 24);
            (config["num_attention_heads"], config["num_key_value_heads"], config["head_dim"]) = (1 << 21, 1 << 21, 2);
        });
        Assert.True(ModelTopology.Of(ModelConfig.Load(_folder.Path)).TotalParameters > 1L << 56);
    }

    [Fact]
    public void Heads_and_their_width_are_bounded_together()
    {
        Write(config => (config["num_attention_heads"], config["head_dim"]) = (65536, 65536));
        Assert.Equal(ModelError.ConfigFieldInvalid, Assert.Throws<ModelException>(() => ModelConfig.Load(_folder.Path)).Error);
    }

    [Fact]
    public void A_settings_file_has_at_most_64_MiB()
    {
        using (var file = File.Create(_folder.File("config.json")))
        {
            file.SetLength((64L << 20) + 1);
        }

        var error = Assert.Throws<ModelException>(() => ModelConfig.Load(_folder.Path));
        Assert.Equal(ModelError.ConfigMalformed, error.Error);
        Assert.Contains("67108865 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_that_comes_with_a_model_is_not_run()
    {
        var marker = _folder.File("owned");
        Write(config =>
        {
            config["auto_map"] = new JsonObject { ["AutoConfig"] = "modeling_evil.Evil", ["AutoModelForCausalLM"] = "modeling_evil.Evil" };
            config["trust_remote_code"] = true;
            config["_attn_implementation"] = "evil";
        });
        File.WriteAllText(_folder.File("modeling_evil.py"), $"open({marker.Replace('\\', '/')}, 'w')");
        File.Copy(Path.Combine(Repository.TinyLlama, "model.safetensors"), _folder.File("model.safetensors"));
        using (var model = ModelFolder.OpenSource(_folder.Path))
        {
            using var block = model.LoadBlock(0, TorchSharp.torch.CPU, TorchSharp.torch.ScalarType.Float32);
            Assert.NotEmpty(model.Topology.Layers);
        }

        Assert.False(File.Exists(marker));
    }

    [Fact]
    public void A_class_that_only_its_own_code_defines_is_refused_by_name()
    {
        Write(config =>
        {
            config["architectures"] = new JsonArray("EvilForCausalLM");
            config["auto_map"] = new JsonObject { ["AutoModelForCausalLM"] = "modeling_evil.EvilForCausalLM" };
        });
        Assert.Equal(ModelError.ArchitectureUnknown, Assert.Throws<ModelException>(() => ModelConfig.Load(_folder.Path)).Error);
    }

    private void Write(Action<JsonObject> change)
    {
        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.TinyLlama, "config.json")))!;
        change(config);
        File.WriteAllText(_folder.File("config.json"), config.ToJsonString());
    }
}
