namespace OneComp.Models;

/// <summary>What the gate of an MLP is passed through.</summary>
public enum ActivationFunction
{
    /// <summary>x·sigmoid(x); <c>silu</c> or <c>swish</c> in config.json.</summary>
    Silu,

    /// <summary>x·Φ(x) by the error function; <c>gelu</c>.</summary>
    Gelu,

    /// <summary>x·Φ(x) by the tanh formula; <c>gelu_new</c>, <c>gelu_fast</c> or <c>gelu_pytorch_tanh</c>.</summary>
    GeluTanh,
}
