namespace OneComp.Models.Architectures;

/// <summary>Mistral 7B: every block slides where a window is given.</summary>
internal sealed class MistralArchitecture : IArchitecture
{
    public string Name => "MistralForCausalLM";

    public BlockTraits TraitsOf(ModelConfig config, int block) => new() { SlidingWindow = config.SlidingWindow };
}
