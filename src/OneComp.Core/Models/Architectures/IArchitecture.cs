namespace OneComp.Models.Architectures;

/// <summary>
/// An architecture: the common decoder (pre-norm, rotary grouped-query attention, gated MLP) with what is special about its
/// blocks. A new one is a new file beside this one and its line in <see cref="KnownArchitectures"/>.
/// </summary>
internal interface IArchitecture
{
    /// <summary>Its name in config.json: <c>LlamaForCausalLM</c>.</summary>
    string Name { get; }

    /// <summary>What is special about a block.</summary>
    BlockTraits TraitsOf(ModelConfig config, int block);
}
