using System.Text.Json.Nodes;
using OneComp.Errors;
using OneComp.Models;
using OneComp.Tests.Support;

namespace OneComp.Tests.Models;

public sealed class ModelConfigErrorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_without_config_is_an_error()
    {
        var error = Fails("ModelConfigNotFound", ErrorKind.NotFound);
        Assert.Equal(_folder.File("config.json"), error.Subject);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_error() => Assert.Equal(
        ModelError.ConfigNotFound, Assert.Throws<ModelException>(() => ModelConfig.Load(_folder.File("nowhere"))).Error);

    [Theory]
    [InlineData("{ \"hidden_size\": ")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{ \"hidden_size\": 1, \"hidden_size\": 2 }")]
    public void Content_that_is_no_json_object_is_an_error(string content)
    {
        File.WriteAllText(_folder.File("config.json"), content);
        Fails("ModelConfigMalformed", ErrorKind.InvalidData);
    }

    [Theory]
    [InlineData("architectures")]
    [InlineData("hidden_size")]
    [InlineData("intermediate_size")]
    [InlineData("num_hidden_layers")]
    [InlineData("num_attention_heads")]
    [InlineData("vocab_size")]
    [InlineData("max_position_embeddings")]
    public void A_missing_field_is_named(string field)
    {
        ConfigFile.Write(_folder, config => config.Remove(field));
        Assert.Contains($"'{field}'", Fails("ModelConfigFieldMissing", ErrorKind.InvalidData).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hidden_size", "0")]
    [InlineData("hidden_size", "\"large\"")]
    [InlineData("hidden_size", "1.5")]
    [InlineData("num_attention_heads", "5")]
    [InlineData("num_key_value_heads", "3")]
    [InlineData("head_dim", "7")]
    [InlineData("head_dim", "2147483646")]
    [InlineData("rms_norm_eps", "-1")]
    [InlineData("tie_word_embeddings", "1")]
    [InlineData("layer_types", "[\"full_attention\"]")]
    [InlineData("layer_types", "[\"full_attention\", \"linear_attention\"]")]
    [InlineData("architectures", "\"LlamaForCausalLM\"")]
    [InlineData("rope_scaling", "8")]
    public void A_value_that_cannot_be_used_is_named_with_what_was_expected(string field, string value)
    {
        ConfigFile.Write(_folder, config => config[field] = JsonNode.Parse(value));
        var error = Fails("ModelConfigFieldInvalid", ErrorKind.InvalidData);
        Assert.Matches($"'({field}|num_attention_heads)' is .*, expected ", error.Message);
    }

    [Fact]
    public void A_field_of_the_rope_scaling_is_named_with_its_place()
    {
        ConfigFile.Write(_folder, config => config["rope_scaling"] = new JsonObject { ["rope_type"] = "llama3" });
        var error = Fails("ModelConfigFieldMissing", ErrorKind.InvalidData);
        Assert.Contains("'rope_scaling.factor'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_architecture_is_named_beside_the_known_ones()
    {
        ConfigFile.Write(_folder, config => config["architectures"] = new JsonArray("GPT2LMHeadModel"));
        var message = Fails("ModelArchitectureUnknown", ErrorKind.NotSupported).Message;
        Assert.Contains("'GPT2LMHeadModel'", message, StringComparison.Ordinal);
        Assert.Contains("LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_rope_type_is_named()
    {
        ConfigFile.Write(_folder, config => config["rope_scaling"] = new JsonObject { ["rope_type"] = "yarn", ["factor"] = 4 });
        Assert.Contains("'yarn'", Fails("ModelRopeTypeUnknown", ErrorKind.NotSupported).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Partly_turned_heads_are_refused()
    {
        ConfigFile.Write(_folder, config => config["partial_rotary_factor"] = 0.5);
        Fails("ModelRopeTypeUnknown", ErrorKind.NotSupported);
    }

    [Fact]
    public void An_unknown_activation_is_named()
    {
        ConfigFile.Write(_folder, config => config["hidden_act"] = "relu2");
        Assert.Contains("'relu2'", Fails("ModelActivationUnknown", ErrorKind.NotSupported).Message, StringComparison.Ordinal);
    }

    private ModelException Fails(string id, ErrorKind kind)
    {
        var error = Assert.Throws<ModelException>(() => ModelConfig.Load(_folder.Path));
        Assert.Equal(id, error.ErrorId);
        Assert.Equal(kind, error.Kind);
        Assert.Contains(_folder.File("config.json"), error.Message, StringComparison.Ordinal);
        return error;
    }
}
