using OneComp.Models;
using OneComp.Tests.Support;

namespace OneComp.Tests.Estimation;

/// <summary>
/// Parameters counted from config.json alone are those of the published checkpoints (the sums of their safetensors' shapes, as the
/// hub states them). The configurations are the published ones, less what does not matter for shapes.
/// </summary>
public sealed class ParameterCountTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(
        6_738_415_616,
        """{"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_size":4096,"intermediate_size":11008,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":32,"vocab_size":32000,"max_position_embeddings":4096,"hidden_act":"silu","rms_norm_eps":1e-05,"pretraining_tp":1,"rope_scaling":null,"tie_word_embeddings":false,"torch_dtype":"float16"}""")]
    [InlineData(
        8_030_261_248,
        """{"architectures":["LlamaForCausalLM"],"model_type":"llama","attention_bias":false,"hidden_size":4096,"intermediate_size":14336,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":8,"vocab_size":128256,"max_position_embeddings":8192,"hidden_act":"silu","rms_norm_eps":1e-05,"rope_scaling":null,"rope_theta":500000.0,"tie_word_embeddings":false,"torch_dtype":"bfloat16"}""")]
    [InlineData(
        596_049_920,
        """{"architectures":["Qwen3ForCausalLM"],"model_type":"qwen3","attention_bias":false,"head_dim":128,"hidden_size":1024,"intermediate_size":3072,"num_hidden_layers":28,"num_attention_heads":16,"num_key_value_heads":8,"vocab_size":151936,"max_position_embeddings":40960,"max_window_layers":28,"sliding_window":null,"use_sliding_window":false,"hidden_act":"silu","rms_norm_eps":1e-06,"rope_scaling":null,"rope_theta":1000000,"tie_word_embeddings":true,"torch_dtype":"bfloat16"}""")]
    [InlineData(
        7_615_616_512,
        """{"architectures":["Qwen2ForCausalLM"],"model_type":"qwen2","hidden_size":3584,"intermediate_size":18944,"num_hidden_layers":28,"num_attention_heads":28,"num_key_value_heads":4,"vocab_size":152064,"max_position_embeddings":131072,"max_window_layers":28,"sliding_window":131072,"use_sliding_window":false,"hidden_act":"silu","rms_norm_eps":1e-06,"rope_theta":1000000.0,"tie_word_embeddings":false,"torch_dtype":"bfloat16"}""")]
    [InlineData(
        7_241_732_096,
        """{"architectures":["MistralForCausalLM"],"model_type":"mistral","hidden_size":4096,"intermediate_size":14336,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":8,"vocab_size":32000,"max_position_embeddings":32768,"sliding_window":4096,"hidden_act":"silu","rms_norm_eps":1e-05,"rope_theta":10000.0,"tie_word_embeddings":false,"torch_dtype":"bfloat16"}""")]
    public void Parameters_are_the_published_checkpoints(long expected, string config)
    {
        File.WriteAllText(_folder.File("config.json"), config);
        Assert.Equal(expected, ModelTopology.Of(ModelConfig.Load(_folder.Path)).TotalParameters);
    }
}
