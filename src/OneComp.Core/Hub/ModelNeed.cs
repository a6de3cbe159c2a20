namespace OneComp.Hub;

/// <summary>What of a model a task needs; more is not fetched.</summary>
public enum ModelNeed
{
    /// <summary>config.json alone.</summary>
    Config,

    /// <summary>Settings, tokenizer, license and the safetensors weights that transformers would load.</summary>
    Weights,
}
