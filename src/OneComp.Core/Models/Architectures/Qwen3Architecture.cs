namespace OneComp.Models.Architectures;

/// <summary>Qwen 3: queries and keys are normed per head.</summary>
internal sealed class Qwen3Architecture : IArchitecture
{
    public string Name => "Qwen3ForCausalLM";

    public BlockTraits TraitsOf(ModelConfig config, int block) => new()
    {
        QueryKeyValueBias = config.AttentionBias,
        OutputBias = config.AttentionBias,
        QueryKeyNorm = true,
        SlidingWindow = QwenWindow.Of(config, block),
    };
}
