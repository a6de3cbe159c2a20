using OneComp.Models;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Models;

public class ModelTopologyTests
{
    private const string Llama2 = """
        { "architectures": ["LlamaForCausalLM"], "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 11008,
          "max_position_embeddings": 4096, "model_type": "llama", "num_attention_heads": 32, "num_hidden_layers": 32,
          "num_key_value_heads": 32, "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling": null,
          "tie_word_embeddings": false, "torch_dtype": "float16", "vocab_size": 32000 }
        """;

    private const string Llama3 = """
        { "architectures": ["LlamaForCausalLM"], "attention_bias": false, "hidden_act": "silu", "hidden_size": 4096,
          "intermediate_size": 14336, "max_position_embeddings": 8192, "model_type": "llama", "num_attention_heads": 32,
          "num_hidden_layers": 32, "num_key_value_heads": 8, "rms_norm_eps": 1e-05, "rope_scaling": null, "rope_theta": 500000.0,
          "tie_word_embeddings": false, "torch_dtype": "bfloat16", "vocab_size": 128256 }
        """;

    private const string Qwen25 = """
        { "architectures": ["Qwen2ForCausalLM"], "hidden_act": "silu", "hidden_size": 896, "intermediate_size": 4864,
          "max_position_embeddings": 32768, "max_window_layers": 24, "model_type": "qwen2", "num_attention_heads": 14,
          "num_hidden_layers": 24, "num_key_value_heads": 2, "rms_norm_eps": 1e-06, "rope_theta": 1000000.0,
          "sliding_window": 32768, "tie_word_embeddings": true, "torch_dtype": "bfloat16", "use_sliding_window": false,
          "vocab_size": 151936 }
        """;

    [Theory]
    [InlineData(Llama2, 6_738_415_616)]
    [InlineData(Llama3, 8_030_261_248)]
    [InlineData(Qwen25, 494_032_768)]
    public void Published_models_have_their_published_sizes(string config, long parameters)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), config);
        Assert.Equal(parameters, ModelTopology.Of(ModelConfig.Load(folder.Path)).TotalParameters);
    }

    [Fact]
    public void Tiny_llama_has_the_parameters_of_its_checkpoint() =>
        Assert.Equal(6_229_248, ModelTopology.Of(ModelConfig.Load(Repository.TinyLlama)).TotalParameters);

    [Theory]
    [MemberData(nameof(LogitsTests.Architectures), MemberType = typeof(LogitsTests))]
    public void Tensors_are_those_of_the_checkpoint(string name)
    {
        var folder = ModelFolders.Architecture(name);
        using var checkpoint = Checkpoint.Open(folder);
        var topology = ModelTopology.Of(ModelConfig.Load(folder));
        Assert.Equal(
            checkpoint.Tensors.Values.Select(entry => $"{entry.Name} {string.Join("x", entry.Shape)}").Order(StringComparer.Ordinal),
            topology.Tensors.Select(tensor => $"{tensor.Name} {string.Join("x", tensor.Shape)}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Layers_come_in_the_order_of_the_forward_pass_with_their_stage()
    {
        var topology = ModelTopology.Of(ModelConfig.Load(Repository.TinyLlama));
        Assert.Equal(
            [
                "self_attn.q_proj AttentionInput 256x256", "self_attn.k_proj AttentionInput 128x256",
                "self_attn.v_proj AttentionInput 128x256", "self_attn.o_proj AttentionOutput 256x256",
                "mlp.gate_proj MlpInput 640x256", "mlp.up_proj MlpInput 640x256", "mlp.down_proj MlpOutput 256x640",
            ],
            topology.LayersOf(5).Select(layer => $"{layer.Module} {layer.Stage} {layer.OutFeatures}x{layer.InFeatures}"));
        Assert.Equal(43, topology.Layers.Count);
        Assert.Equal(
            Enumerable.Range(0, 6).SelectMany(block => Enumerable.Repeat(block, 7)).Append(-1),
            topology.Layers.Select(layer => layer.Block));
    }

    [Fact]
    public void The_head_is_the_last_layer_where_it_is_not_tied() => Assert.Equal(
        new LinearLayer("lm_head", -1, "lm_head", null, 256, 4096, false),
        ModelTopology.Of(ModelConfig.Load(Repository.TinyLlama)).Layers[^1]);

    [Fact]
    public void A_tied_head_is_neither_tensor_nor_layer()
    {
        var topology = ModelTopology.Of(ModelConfig.Load(ModelFolders.Architecture("qwen3-tied-bf16-sharded")));
        Assert.DoesNotContain(topology.Tensors, tensor => tensor.Kind == TensorKind.Head);
        Assert.DoesNotContain(topology.Layers, layer => layer.Block < 0);
    }

    [Fact]
    public void Biases_follow_the_architecture()
    {
        static string[] Biases(string name) =>
            [.. ModelTopology.Of(ModelConfig.Load(ModelFolders.Architecture(name))).LayersOf(0)
                .Where(layer => layer.HasBias).Select(layer => layer.Module.Split('.')[1])];
        Assert.Equal(["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"], Biases("llama-bias"));
        Assert.Equal(["q_proj", "k_proj", "v_proj"], Biases("qwen2"));
        Assert.Empty(Biases("mistral-window"));
    }
}
