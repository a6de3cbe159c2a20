using OneComp.Models;

namespace OneComp.Export.Gguf;

/// <summary>The keys that give a model's dimensions, norms and rotary embedding.</summary>
internal static class GgufHyperparameters
{
    /// <summary>Adds them.</summary>
    public static void Add(GgufMetadata metadata, string architecture, ModelConfig config)
    {
        Number("block_count", config.NumLayers);
        Number("context_length", config.MaxPositionEmbeddings);
        Number("embedding_length", config.HiddenSize);
        Number("feed_forward_length", config.IntermediateSize);
        Number("attention.head_count", config.NumHeads);
        Number("attention.head_count_kv", config.NumKeyValueHeads);
        Number("attention.key_length", config.HeadDim);
        Number("attention.value_length", config.HeadDim);
        Number("rope.dimension_count", config.HeadDim);
        Number("vocab_size", config.VocabularySize);
        metadata.Add($"{architecture}.attention.layer_norm_rms_epsilon", (float)config.RmsNormEps);
        metadata.Add($"{architecture}.rope.freq_base", (float)config.RopeTheta);
        if (config.RopeScaling is { Kind: RopeScalingKind.Linear } scaling)
        {
            metadata.Add($"{architecture}.rope.scaling.type", "linear");
            metadata.Add($"{architecture}.rope.scaling.factor", (float)scaling.Factor);
        }

        void Number(string key, int value) => metadata.Add($"{architecture}.{key}", (uint)value);
    }

    /// <summary>
    /// Llama 3's scaling as llama.cpp takes it: a tensor of divisors, one for each frequency; null where there is none.
    /// </summary>
    public static float[]? FrequencyDivisors(ModelConfig config)
    {
        if (config.RopeScaling is not { Kind: RopeScalingKind.Llama3 })
        {
            return null;
        }

        var scaled = RotaryFrequencies.Of(config);
        var plain = RotaryFrequencies.Of(config with { RopeScaling = null });
        return [.. plain.Zip(scaled, (whole, slow) => whole / slow)];
    }
}
