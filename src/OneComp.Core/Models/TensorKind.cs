namespace OneComp.Models;

/// <summary>What a tensor of a model is for.</summary>
public enum TensorKind
{
    /// <summary>The token embedding (which is also the head where the two are tied).</summary>
    Embedding,

    /// <summary>Weight of a linear layer in a block.</summary>
    Linear,

    /// <summary>Weight of a norm.</summary>
    Norm,

    /// <summary>Bias of a linear layer.</summary>
    Bias,

    /// <summary>Weight of the head that turns hidden states into logits.</summary>
    Head,
}
