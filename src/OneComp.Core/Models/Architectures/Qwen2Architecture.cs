namespace OneComp.Models.Architectures;

/// <summary>Qwen 2 and 2.5: q, k and v always have biases.</summary>
internal sealed class Qwen2Architecture : IArchitecture
{
    public string Name => "Qwen2ForCausalLM";

    public BlockTraits TraitsOf(ModelConfig config, int block) => new()
    {
        QueryKeyValueBias = true,
        SlidingWindow = QwenWindow.Of(config, block),
    };
}
