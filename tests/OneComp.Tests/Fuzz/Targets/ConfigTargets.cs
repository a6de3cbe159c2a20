using System.Text;
using OneComp.Estimation;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Tests.Fuzz.Mutation;

namespace OneComp.Tests.Fuzz.Targets;

/// <summary>config.json, with what is counted from it and its quantization_config.</summary>
internal static class ConfigTargets
{
    /// <summary>A model of one block, small enough for its tensors to be written down.</summary>
    public const string Llama = """
        {"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_size":64,"intermediate_size":96,"num_hidden_layers":1,"num_attention_heads":4,"num_key_value_heads":2,
        "vocab_size":32,"max_position_embeddings":128,"rms_norm_eps":1e-5,"rope_theta":10000.0,"hidden_act":"silu","tie_word_embeddings":true,"torch_dtype":"float16"}
        """;

    private const int UsualBlocks = 256;

    private const string Qwen = """
        {"architectures":["Qwen3ForCausalLM"],"model_type":"qwen3","hidden_size":64,"intermediate_size":96,"num_hidden_layers":2,"num_attention_heads":4,"head_dim":16,
        "vocab_size":32,"max_position_embeddings":128,"rope_parameters":{"rope_type":"llama3","rope_theta":500000,"factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":64},
        "layer_types":["full_attention","sliding_attention"],"use_sliding_window":true,"sliding_window":16,"max_window_layers":1,"attention_bias":true,"dtype":"bfloat16",
        "auto_map":{"AutoModelForCausalLM":"modeling_evil.Evil"},
        "quantization_config":{"quant_method":"mixed_gptq","bits":4,"group_size":128,"desc_act":false,"sym":true,"quantization_bits":[{"self_attn.q_proj":{"bits":4,"method":"gptq","params":{"group_size":32}}}]}}
        """;

    private const string Packed = """
        {"architectures":["Qwen2ForCausalLM"],"hidden_size":64,"intermediate_size":96,"num_hidden_layers":1,"num_attention_heads":4,"vocab_size":32,"max_position_embeddings":128,
        "rope_scaling":{"type":"linear","factor":2.0},"quantization_config":{"quant_method":"compressed-tensors","format":"pack-quantized","ignore":["lm_head"],
        "config_groups":{"group_0":{"targets":["Linear","re:.*mlp.*","model.layers.0.self_attn.q_proj"],"weights":{"num_bits":4,"type":"int","symmetric":true,"strategy":"group","group_size":32},"input_activations":null}}}}
        """;

    public static IEnumerable<FuzzTarget> All(Scratch scratch)
    {
        var folder = Directory.CreateDirectory(scratch.Path("config")).FullName;
        yield return new FuzzTarget("config", [.. new[] { Llama, Qwen, Packed }.Select(Encoding.UTF8.GetBytes)], JsonMutations.Any, input =>
        {
            scratch.Write("config/config.json", input);
            var config = ModelConfig.Load(folder);
            var topology = ModelTopology.Of(config);
            if (QuantizationSettings.Of(config) is { } settings)
            {
                foreach (var layer in topology.Layers)
                {
                    _ = (settings.For(layer), settings.Names(layer));
                }

                _ = LayerDecoders.For(settings, folder);
            }

            VramEstimator.Estimate(config, 80);
            if (config.NumLayers > UsualBlocks)
            {
                return; // each block takes its share of garbage, and there may be 1024
            }

            MemoryEstimator.Estimate(config, new MemoryOptions { TotalVramGB = 80 });
        });
    }
}
