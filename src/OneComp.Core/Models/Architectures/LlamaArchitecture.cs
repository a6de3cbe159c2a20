namespace OneComp.Models.Architectures;

/// <summary>Llama 1, 2 and 3: biases where config.json asks for them.</summary>
internal sealed class LlamaArchitecture : IArchitecture
{
    public string Name => "LlamaForCausalLM";

    public BlockTraits TraitsOf(ModelConfig config, int block) => new()
    {
        QueryKeyValueBias = config.AttentionBias,
        OutputBias = config.AttentionBias,
        MlpBias = config.MlpBias,
    };
}
